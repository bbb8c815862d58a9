#include "imports/whatsapp_reader.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

namespace godwit::imports {
namespace {

struct Read {
  std::vector<ImportedMessage> messages;
  ImportReport report;
  WhatsAppForm form;
  bool ok = false;
};

// `files`: those that the export has; the chat is called "Chat".
Read read(std::string_view text, size_t piece = 7, const std::vector<std::string_view>& files = {}) {
  Read out;
  WhatsAppSurvey survey;
  for (size_t at = 0; at < text.size(); at += piece) survey.feed(as_bytes(text.substr(at, piece)));
  const auto form = survey.finish();
  if (!form) return out;
  out.form = *form;
  ImportSink sink;
  sink.message = [&](ImportedMessage message) { return out.messages.push_back(std::move(message)), Status{}; };
  WhatsAppReader reader(*form, sink, "Chat",
                        [&](std::string_view name) { return std::ranges::find(files, name) != files.end(); });
  for (size_t at = 0; at < text.size(); at += piece) EXPECT_TRUE(reader.feed(as_bytes(text.substr(at, piece))));
  EXPECT_TRUE(reader.finish());
  out.report = reader.report();
  out.ok = true;
  return out;
}

// 31 December 2020, 21:41
constexpr int64_t kEve = 1'609'450'860'000;

struct Locale {
  const char* name;
  std::string_view text;
  bool seconds = false;
};

TEST(WhatsApp, every_locale_gives_the_same_moment) {
  const Locale locales[] = {
      {"en-US", "12/31/20, 9:41 PM - Anna: hi"},
      {"en-US, narrow blank", "12/31/20, 9:41\u202fPM - Anna: hi"},
      {"en-GB", "31/12/2020, 21:41 - Anna: hi"},
      {"de", "31.12.20, 21:41 - Anna: hi"},
      {"ru", "31.12.2020, 21:41 - Anna: hi"},
      {"es", "31/12/20, 21:41 - Anna: hi"},
      {"es, twelve hours", "31/12/20, 9:41 p. m. - Anna: hi"},
      {"es, hard blanks", "31/12/20, 9:41\u00a0p.\u00a0m. - Anna: hi"},
      {"pt-BR", "31/12/2020 21:41 - Anna: hi"},
      {"fr", "31/12/2020 à 21:41 - Anna: hi"},
      {"tr", "31.12.2020 21:41 - Anna: hi"},
      {"tr, twelve hours", "31.12.2020 ÖS 9:41 - Anna: hi"},
      {"ar", "٣١\u200f/١٢\u200f/٢٠٢٠، ٩:٤١ م - Anna: hi"},
      {"fa", "۲۰۲۰/۱۲/۳۱،\u200f ۲۱:۴۱ - Anna: hi"},
      {"fa, Persian calendar", "[۱۳۹۹/۱۰/۱۱،\u200f ۲۱:۴۱:۰۰] Anna: hi"},
      {"sv", "2020-12-31 21:41 - Anna: hi"},
      {"iOS de", "[31.12.20, 21:41:00] Anna: hi"},
      {"iOS en-US", "[12/31/20, 9:41:00\u202fPM] Anna: hi"},
      {"iOS with marks", "\u200e[31/12/2020, 21:41:00] Anna: hi"},
  };
  for (const Locale& each : locales) {
    const Read got = read(each.text);
    ASSERT_EQ(got.messages.size(), 1U) << each.name;
    EXPECT_EQ(got.messages[0].time_ms, kEve) << each.name;
    EXPECT_EQ(got.messages[0].sender, "Anna") << each.name;
    EXPECT_EQ(got.messages[0].text, "hi") << each.name;
    EXPECT_TRUE(got.messages[0].local_time);
  }
}

TEST(WhatsApp, the_order_of_day_and_month_is_that_of_the_whole_file) {
  // Only the last line tells.
  EXPECT_EQ(read("1/2/20, 09:00 - A: x\n1/3/20, 09:00 - A: y\n1/13/20, 09:00 - A: z\n").form.order,
            DateOrder::kMonthFirst);
  EXPECT_EQ(read("1/2/20, 09:00 - A: x\n2/2/20, 09:00 - A: y\n13/2/20, 09:00 - A: z\n").form.order,
            DateOrder::kDayFirst);
  // Days below 13 only: time does not run backwards.
  EXPECT_EQ(read("11/30/19, 09:00 - A: w\n1/2/20, 09:00 - A: x\n2/1/20, 09:00 - A: y\n").form.order,
            DateOrder::kMonthFirst);
  EXPECT_EQ(read("2/1/20, 09:00 - A: x\n1/2/20, 09:00 - A: y\n").form.order, DateOrder::kDayFirst);
  EXPECT_EQ(read("1/2/20, 9:00 AM - A: x\n").form.order, DateOrder::kMonthFirst) << "twelve hours and slashes";
  EXPECT_EQ(read("1/2/20, 09:00 - A: x\n").form.order, DateOrder::kDayFirst);
}

TEST(WhatsApp, a_message_has_many_lines_and_only_heads_of_this_file_end_it) {
  const Read got = read("\xef\xbb\xbf[01.02.20, 09:00:01] Анна: first\r\n[01.02.20, 09:00:02] Анна: one\n\nthree\n"
                        "1/2/20, 09:00 - quoted: from elsewhere\r\n[01.02.20, 09:00:03] Boris: https://a.example/x: y\r\n");
  ASSERT_EQ(got.messages.size(), 3U);
  EXPECT_EQ(got.messages[1].text, "one\n\nthree\n1/2/20, 09:00 - quoted: from elsewhere");
  EXPECT_EQ(got.messages[2].sender, "Boris");
  EXPECT_EQ(got.messages[2].text, "https://a.example/x: y");
}

TEST(WhatsApp, media_are_named_in_every_language) {
  const Read ios = read("[31.12.20, 21:41:00] A: \u200e<attached: 00000012-PHOTO-2020-12-31-21-41-00.jpg>\n"
                        "[31.12.20, 21:41:00] A: \u200e<прикреплено: 00000013-AUDIO.opus>\n"
                        "[31.12.20, 21:41:00] A: \u200e<něco: 00000014-VIDEO.mp4>\n"
                        "[31.12.20, 21:41:00] A: look \u200e<Anhang: report.pdf>\n"
                        "[31.12.20, 21:41:00] A: \u200eimage omitted\n"
                        "[31.12.20, 21:41:00] A: see <note: this.txt>\n");
  ASSERT_EQ(ios.messages.size(), 6U);
  EXPECT_EQ(ios.messages[0].media, "00000012-PHOTO-2020-12-31-21-41-00.jpg");
  EXPECT_EQ(ios.messages[1].media, "00000013-AUDIO.opus");
  EXPECT_EQ(ios.messages[2].media, "00000014-VIDEO.mp4") << "a language that is not in the table";
  EXPECT_EQ(ios.messages[3].media, "report.pdf");
  EXPECT_EQ(ios.messages[3].text, "look");
  EXPECT_TRUE(ios.messages[4].omitted);
  EXPECT_EQ(ios.messages[5].text, "see <note: this.txt>") << "a person wrote it";
  const Read android = read("31.12.20, 21:41 - A: \u200eIMG-20201231-WA0001.jpg (file attached)\nthe caption\n"
                            "31.12.20, 21:41 - A: PTT-20201231-WA0002.opus (Datei angehängt)\n"
                            "31.12.20, 21:41 - A: DOC.pdf (файл добавлен)\n"
                            "31.12.20, 21:41 - A: <Media omitted>\n31.12.20, 21:41 - A: <Без медиафайлов>\n"
                            "31.12.20, 21:41 - A: ../../etc/passwd (arquivo anexado)\n");
  ASSERT_EQ(android.messages.size(), 6U);
  EXPECT_EQ(android.messages[0].media, "IMG-20201231-WA0001.jpg");
  EXPECT_EQ(android.messages[0].text, "the caption");
  EXPECT_EQ(android.messages[1].media, "PTT-20201231-WA0002.opus");
  EXPECT_EQ(android.messages[2].media, "DOC.pdf");
  EXPECT_TRUE(android.messages[3].omitted && android.messages[4].omitted);
  EXPECT_EQ(android.messages[5].media, "passwd") << "a name, never a path";
  EXPECT_EQ(android.report.media, 4U);
  EXPECT_EQ(android.report.omitted, 2U);
}

TEST(WhatsApp, files_of_android_are_known_whatever_the_language_says_behind_their_names) {
  const Read got = read("31.12.20, 21:41 - A: plan.pdf (see page 3)\n"
                        "31.12.20, 21:41 - A: IMG-20201231-WA0001.jpg (soubor byl přiložen)\nthe caption\n"
                        "31.12.20, 21:42 - A: plan.pdf (soubor byl přiložen)\n"
                        "31.12.20, 21:43 - A: gone.pdf (soubor byl přiložen)\n"
                        "31.12.20, 21:44 - A: \u200eother.ods (dołączono plik)\n"
                        "31.12.20, 21:45 - A: nothing of the kind (soubor byl přiložen)\n"
                        "31.12.20, 21:46 - A: unknown.pdf (a joke)\n"
                        "31.12.20, 21:47 - A: README (a file)\n",
                        7, {"plan.pdf", "README"});
  ASSERT_EQ(got.messages.size(), 8U);
  EXPECT_EQ(got.messages[0].media, "plan.pdf");
  EXPECT_EQ(got.messages[0].text, "plan.pdf (see page 3)") << "a person may have written it: nothing of it is lost";
  EXPECT_EQ(got.messages[1].media, "IMG-20201231-WA0001.jpg")
      << "not in the export: who takes it in counts it as missing";
  EXPECT_EQ(got.messages[1].text, "the caption");
  EXPECT_EQ(got.messages[2].media, "plan.pdf");
  EXPECT_EQ(got.messages[2].text, "");
  EXPECT_EQ(got.messages[3].media, "gone.pdf") << "the words are known by now";
  EXPECT_EQ(got.messages[4].media, "other.ods");
  EXPECT_TRUE(got.messages[5].media.empty() && got.messages[6].media.empty());
  EXPECT_EQ(got.messages[6].text, "unknown.pdf (a joke)");
  EXPECT_EQ(got.messages[7].media, "README");
}

TEST(WhatsApp, what_ios_marks_is_a_notice_only_if_it_is_of_the_messenger) {
  const Read got = read("[31.12.20, 21:40:00] Chat: \u200eMessages and calls are end-to-end encrypted.\n"
                        "[31.12.20, 21:41:00] Anna: \u200eLocation: https://maps.google.com/?q=52.5,13.4\n"
                        "[31.12.20, 21:41:00] Anna: \u200eLocation: St.Pauli (https://maps.google.com/?q=53.5,9.9)\n"
                        "[31.12.20, 21:41:00] Anna: \u200ePOLL:\nTea?\n\u200eOPTION: yes (1 vote)\n"
                        "[31.12.20, 21:41:00] Anna: \u200eMissed voice call\n"
                        "[31.12.20, 21:41:00] Anna: \u200eAnna changed the group's description\n"
                        "[31.12.20, 21:41:00] Chat: \u200eAnna added Boris\n"
                        "[31.12.20, 21:41:00] Chat: \u200eLocation: https://maps.google.com/?q=52.5,13.4\n"
                        "[31.12.20, 21:41:00] Chat: typed by a person\n");
  std::vector<bool> notices;
  for (const auto& each : got.messages) notices.push_back(each.notice);
  EXPECT_EQ(notices, std::vector<bool>({true, false, false, false, false, true, true, false, false}));
  EXPECT_EQ(got.messages.at(2).text, "Location: St.Pauli (https://maps.google.com/?q=53.5,9.9)");
  EXPECT_EQ(got.report.notices, 3U);
  // The file may be called otherwise: then what it begins with says how the chat is called.
  const Read other = read("[31.12.20, 21:40:00] Anna: \u200eMessages and calls are end-to-end encrypted.\n"
                          "[31.12.20, 21:41:00] Anna: \u200eYou blocked this contact\n"
                          "[31.12.20, 21:41:00] Boris: \u200eVoice call, 3 min\n");
  EXPECT_TRUE(other.messages.at(0).notice && other.messages.at(1).notice && !other.messages.at(2).notice);
}

TEST(WhatsApp, notices_edited_and_deleted_messages_are_told_apart) {
  const Read got = read("31.12.20, 21:41 - Messages and calls are end-to-end encrypted.\n"
                        "31.12.20, 21:41 - Anna changed the subject to \"x: y\"\n"
                        "31.12.20, 21:42 - Anna: This message was deleted\n"
                        "31.12.20, 21:43 - Anna: fixed <This message was edited>\n"
                        "31.12.20, 21:44 - Анна: исправлено <Сообщение изменено>\n");
  ASSERT_EQ(got.messages.size(), 5U);
  EXPECT_TRUE(got.messages[0].notice && got.messages[1].notice);
  EXPECT_TRUE(got.messages[1].sender.empty());
  EXPECT_TRUE(got.messages[2].deleted);
  EXPECT_TRUE(got.messages[3].edited && got.messages[4].edited);
  EXPECT_EQ(got.messages[3].text, "fixed");
  EXPECT_TRUE(read("[31.12.20, 21:41:00] Chat: \u200eAnna added Boris\n").messages.at(0).notice);
}

TEST(WhatsApp, what_is_no_export_is_refused_and_what_is_damaged_is_mended) {
  EXPECT_FALSE(read("hello\nthis is a letter\n").ok);
  EXPECT_FALSE(read("").ok);
  EXPECT_FALSE(read("99.99.99, 99:99 - A: x").ok);
  const Read got = read("junk before\n31.12.20, 21:41 - A\u202e\x01: bad \xff byte\n40.12.20, 21:41 - no such day\n");
  ASSERT_EQ(got.messages.size(), 1U);
  EXPECT_EQ(got.messages[0].sender, "A") << "no marks in names";
  EXPECT_EQ(got.messages[0].text, "bad \xef\xbf\xbd byte\n40.12.20, 21:41 - no such day");
  EXPECT_EQ(got.report.passed_over, 1U);
  EXPECT_EQ(got.report.bad_utf8, 1U);
}

TEST(WhatsApp, a_text_of_10_mb_goes_into_several_messages) {
  std::string text = "31.12.20, 21:41 - A: ";
  const size_t head = text.size();
  while (text.size() < 10'000'000) text += "ы";
  const Read got = read(text, 65'536);
  std::string whole;
  for (const auto& each : got.messages) {
    EXPECT_LE(each.text.size(), kImportedTextMax);
    whole += each.text;
  }
  EXPECT_TRUE(whole == text.substr(head));
  EXPECT_GT(got.messages.size(), 100U);
  EXPECT_EQ(got.report.cut, 1U) << "texts are counted, not cuts";
}

TEST(WhatsApp, the_chat_is_named_by_its_file) {
  EXPECT_EQ(whatsapp_chat_name("/tmp/WhatsApp Chat with Anna K.txt"), "Anna K");
  EXPECT_EQ(whatsapp_chat_name("Чат WhatsApp с контактом Анна.zip"), "Анна");
  EXPECT_EQ(whatsapp_chat_name("notes.txt"), "notes");
}

}  // namespace
}  // namespace godwit::imports
