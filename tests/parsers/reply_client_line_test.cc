#include "parsers/reply_text.h"

#include <catch2/catch.hpp>
#include <string>
#include <string_view>

namespace ticketd {
namespace {

constexpr std::string_view kAdded[] = {
    "Sent from my iPhone",
    "Sent from my Samsung Galaxy smartphone.",
    "Sent from my BlackBerry® wireless device",
    "Sent from my Verizon Wireless 4G LTE smartphone",
    "Sent via the Samsung Galaxy S7, an AT&T 4G LTE smartphone",
    "Sent from my cell, please excuse any typos.",
    "(sent from a phone)",
    "Sent from Yahoo Mail on Android",
    "Sent from Mail for Windows 10",
    "Sent with Proton Mail secure email.",
    "Sent from Proton Mail for iOS",
    "Sent with Spark",
    "Sent via Superhuman",
    "Von meinem iPhone gesendet",
    "Von meinem Samsung Galaxy Smartphone gesendet.",
    "Gesendet mit der GMX Mail App",
    "Gesendet mit der WEB.DE Mail App",
    "Diese Nachricht wurde von meinem Android-Gerät mit K-9 Mail gesendet.",
    "Gesendet von Mail für Windows",
    "Gesendet von Outlook für iOS",
    "Outlook für iOS beziehen",
    "Holen Sie sich Outlook für Android",
    "Envoyé de mon iPhone",
    "Envoyé depuis l’application Mail Orange",
    "Télécharger Outlook pour iOS",
    "Obtenir Outlook pour Android",
    "Enviado desde mi iPhone",
    "Enviado desde mi Galaxy",
    "Obtener Outlook para iOS",
    "Inviato da iPhone",
    "Inviato da Posta per Windows",
    "Scarica Outlook per Android",
    "Verstuurd vanaf mijn iPhone",
    "Verzonden vanuit Mail voor Windows",
    "Outlook voor iOS downloaden",
    "Enviado do meu iPhone",
    "Obter o Outlook para iOS",
    "Wysłane z iPhone'a",
    "Wysłane z aplikacji Poczta dla systemu Windows",
    "Pobierz aplikację Outlook dla systemu iOS",
    "Skickat från min iPhone",
    "Skaffa Outlook för iOS",
    "Sendt fra min iPhone",
    "Hent Outlook til Android",
    "Lähetetty iPhonesta",
    "Hanki Outlook for iOS",
    "Odesláno z iPhonu",
    "Odoslané z môjho iPhonu",
    "Отправлено с iPhone",
    "Надіслано з iPhone",
    "iPhone'umdan gönderildi",
    "iOS için Outlook'u edinin",
    "Elküldve az iPhone-omról",
    "Trimis de pe iPhone-ul meu",
    "Στάλθηκε από το iPhone μου",
    "iPhoneから送信",
    "Outlook for iOS を入手",
    "发自我的iPhone",
    "发自我的小米手机",
    "发自网易邮箱大师",
    "從我的 iPhone 傳送",
    "获取 Outlook for iOS",
    "나의 iPhone에서 보냄",
    "נשלח מה-iPhone שלי",
    "Đã gửi từ iPhone của tôi",
    "Dikirim dari iPhone saya",
    "Enviat des del meu iPhone",
    "Get Outlook for iOS<https://aka.ms/o0ukef>",
    "Get Outlook for iOShttps://aka.ms/o0ukef",
    "Nabavite Outlook za iOS<https://aka.ms/o0ukef>",
    "Envoyé avec la messagerie sécurisée Proton Mail.",
};

TEST_CASE("What mail programs add below the text is a signature") {
  for (const std::string_view line : kAdded) {
    INFO(line);
    CHECK(reply_text("Help.\n\n" + std::string(line) + "\n", "") == "Help.");
    CHECK(reply_text("Help.\n" + std::string(line) + "\n\n> On 4 May 2020 at 10:31, Jo <jo@x.example> wrote:\n> Q\n",
                     "") == "Help.");
  }
}

}  // namespace
}  // namespace ticketd
