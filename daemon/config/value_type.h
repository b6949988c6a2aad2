#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <fmt/format.h>

#include "daemon/config/config_node.h"
#include "daemon/config/problems.h"

namespace ticketd {

/// What reading a value needs beside the value.
struct Reading {
  Problems& problems;
  std::string path;                   ///< the setting, as people name it: "mailbox.url"
  const std::filesystem::path& base;  ///< where relative paths start: the folder of the configuration file
  std::string also = {};              ///< what is allowed beside the type's own values: "\"off\" or "
};

/// Turns a node into a T. `read` tells what is wrong and returns nullopt then; it never throws.
template <class T>
struct ValueType {
  std::string name;     ///< for the table: "duration"
  std::string allowed;  ///< completes "where … is expected": `a duration above zero, such as "90s"`
  std::function<std::optional<T>(const ConfigNode&, const Reading&)> read;
};

/// Why a value is refused; empty when what is allowed says it all. A value that seems to hold a secret is not shown.
struct Wrong {
  std::string why = {};
  bool secret = false;
};
template <class T>
using Parsed = std::variant<T, Wrong>;

/// Says that a value is not what is allowed: `mailbox.url: "x" is not …` or `mailbox.url: a whole number, where … is
/// expected`, and why.
void tell_wrong(const ConfigNode& node, const Reading& reading, const std::string& allowed, ConfigNode::Kind expected,
                const Wrong& wrong = {});

/// A type that is written as text.
template <class T>
ValueType<T> text_type(std::string name, std::string allowed, std::function<Parsed<T>(const std::string&)> parse) {
  auto read = [allowed, parse = std::move(parse)](const ConfigNode& node, const Reading& reading) -> std::optional<T> {
    const bool is_text = node.kind == ConfigNode::Kind::text;
    Parsed<T> parsed = is_text ? parse(node.text) : Parsed<T>(Wrong{});
    if (T* value = std::get_if<T>(&parsed)) return std::move(*value);
    tell_wrong(node, reading, allowed, ConfigNode::Kind::text, std::get<Wrong>(parsed));
    return std::nullopt;
  };
  return {std::move(name), std::move(allowed), std::move(read)};
}

/// A list of such values; each wrong one is told at its own place.
template <class T>
ValueType<std::vector<T>> list_of(ValueType<T> item) {
  std::string allowed = "a list, each item " + item.allowed;
  auto read = [item, allowed](const ConfigNode& node, const Reading& reading) -> std::optional<std::vector<T>> {
    if (node.kind != ConfigNode::Kind::list) {
      tell_wrong(node, reading, allowed, ConfigNode::Kind::list);
      return std::nullopt;
    }
    std::vector<T> values;
    for (const ConfigNode& one : node.items)
      if (std::optional<T> value = item.read(one, reading)) values.push_back(std::move(*value));
    return values;
  };
  return {"list of " + item.name, std::move(allowed), std::move(read)};
}

/// One of a few words.
template <class T>
ValueType<T> one_of(std::vector<std::pair<std::string, T>> words) {
  std::string allowed;
  for (std::size_t i = 0; i < words.size(); ++i)
    allowed += fmt::format("{}\"{}\"", i == 0 ? "" : i + 1 == words.size() ? " or " : ", ", words[i].first);
  auto parse = [words = std::move(words)](const std::string& text) -> Parsed<T> {
    for (const auto& [word, value] : words)
      if (word == text) return value;
    return Wrong{};
  };
  return text_type<T>("word", std::move(allowed), std::move(parse));
}

/// `type`, or a word that stands for "none of it".
template <class T>
ValueType<std::optional<T>> or_none(const std::string& word, ValueType<T> type) {
  std::string allowed = fmt::format("\"{}\" or {}", word, type.allowed);
  auto read = [word, type](const ConfigNode& node, const Reading& reading) -> std::optional<std::optional<T>> {
    if (node.kind == ConfigNode::Kind::text && node.text == word) return std::optional<T>();
    Reading either = reading;
    either.also = fmt::format("\"{}\" or ", word);
    std::optional<T> value = type.read(node, either);
    if (!value) return std::nullopt;
    return std::optional<std::optional<T>>(std::move(value));
  };
  return {type.name + " or \"" + word + '"', std::move(allowed), std::move(read)};
}

}  // namespace ticketd
