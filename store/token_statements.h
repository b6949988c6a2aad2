#pragma once

#include <string_view>

// OAuth 2 refresh tokens, and access tokens that can't be had; part of store/statements.h.
namespace ticketd::sql {

using Text = std::string_view;

// Credentials had other names once.
inline constexpr Text refresh_token =
    "SELECT token FROM refresh_tokens WHERE origin = ?2 ORDER BY credential = ?1 DESC, updated_at DESC LIMIT 1";
inline constexpr Text save_refresh_token =
    "INSERT INTO refresh_tokens (credential, origin, token, updated_at) VALUES (?1, ?2, ?3, ?4) "
    "ON CONFLICT (credential, origin) DO UPDATE SET token = excluded.token, updated_at = excluded.updated_at";
inline constexpr Text note_token_failure =
    "INSERT INTO token_failures (login, error, since) VALUES (?1, ?2, ?3) "
    "ON CONFLICT (login) DO UPDATE SET error = excluded.error";
inline constexpr Text forget_token_failure = "DELETE FROM token_failures WHERE login = ?1";
inline constexpr Text token_failures = "SELECT login, error, since FROM token_failures ORDER BY login";

}  // namespace ticketd::sql
