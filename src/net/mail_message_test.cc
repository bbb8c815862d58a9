#include "net/mail_message.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "net/base64.h"
#include "net/errors.h"
#include "net/mail_account.h"
#include "net/mail_phrases.h"
#include "net/testing/loopback.h"

namespace godwit::net {
namespace {

class SeededRandom final : public Random {
 public:
  explicit SeededRandom(uint64_t seed) : state_(seed) {}
  void fill(ByteSpan out) override {
    for (uint8_t& each : out) {
      state_ = state_ * 6364136223846793005U + 1442695040888963407U;
      each = static_cast<uint8_t>(state_ >> 56);
    }
  }

 private:
  uint64_t state_;
};

constexpr Instant kNow{1'795'659'228'000};  // Thu, 26 Nov 2026 02:13:48 UTC

Bytes sealed(size_t size = 1'500) {
  Bytes out = testing::pattern(size);
  out.front() = kAttachmentMark;
  return out;
}

LetterDraft draft_of(const Bytes& attachment, std::string language = "en") {
  LetterDraft draft;
  draft.from = "anna@one.example";
  draft.to = "home@two.example";
  draft.message_id = "1234@one.example";
  draft.language = std::move(language);
  draft.attachment = attachment;
  return draft;
}

std::string written(const LetterDraft& draft, uint64_t seed = 1) {
  SeededRandom random(seed);
  return std::string(as_text(write_letter(draft, random, kNow)));
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  for (size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
  return text;
}

TEST(mail_message, what_was_written_is_read_in_every_language_and_size) {
  for (const MailPhrases& phrases : mail_phrases()) {
    for (const size_t size : {57U, 58U, 59U, 1'000U, 100'001U}) {
      const auto read = read_attachment(written(draft_of(sealed(size), std::string(phrases.language)), size));
      ASSERT_TRUE(read.has_value());
      EXPECT_EQ(*read, sealed(size));
    }
  }
}

TEST(mail_message, the_largest_attachment_fits_the_largest_letter) {
  const std::string text = written(draft_of(sealed(kAttachmentBytesMax)));
  EXPECT_LE(text.size(), kLetterBytesMax);
  EXPECT_TRUE(read_attachment(text).has_value());
}

TEST(mail_message, lines_are_short_ascii_and_end_with_crlf) {
  for (const MailPhrases& phrases : mail_phrases()) {
    for (uint64_t seed = 0; seed < 20; ++seed) {
      const std::string text = written(draft_of(sealed(), std::string(phrases.language)), seed);
      size_t begin = 0;
      while (begin < text.size()) {
        const size_t end = text.find('\n', begin);
        ASSERT_NE(end, std::string::npos);
        ASSERT_EQ(text[end - 1], '\r');
        EXPECT_LE(end - 1 - begin, 78U) << text.substr(begin, end - begin);
        begin = end + 1;
      }
      EXPECT_TRUE(std::all_of(text.begin(), text.end(), [](char c) { return static_cast<uint8_t>(c) < 0x80; }));
    }
  }
}

TEST(mail_message, subjects_are_short_enough_for_one_encoded_word) {
  for (const MailPhrases& phrases : mail_phrases()) {
    for (const std::string_view subject : phrases.subjects) EXPECT_LE(subject.size(), 45U) << subject;
  }
}

TEST(mail_message, no_two_letters_with_the_same_bytes_look_the_same) {
  std::set<std::string> seen;
  for (uint64_t seed = 0; seed < 50; ++seed) seen.insert(written(draft_of(sealed()), seed).substr(0, 700));
  EXPECT_EQ(seen.size(), 50U);
}

TEST(mail_message, the_head_tells_date_and_people_and_nothing_of_the_program) {
  const std::string text = written(draft_of(sealed()));
  EXPECT_NE(text.find("Date: Thu, 26 Nov 2026 02:13:48 +0000\r\n"), std::string::npos);
  EXPECT_NE(text.find("From: anna@one.example\r\n"), std::string::npos);
  EXPECT_NE(text.find("To: home@two.example\r\n"), std::string::npos);
  EXPECT_EQ(text.find("odwit"), std::string::npos);
  EXPECT_EQ(text.find("User-Agent"), std::string::npos);
}

TEST(mail_message, an_answer_keeps_subject_thread_and_language) {
  const std::string asked = written(draft_of(sealed(), "ru"), 4);
  const LetterHead head = read_letter_head(asked);
  LetterDraft draft = draft_of(sealed());
  draft.answered_subject = head.subject;
  draft.answered_id = head.message_id;
  const std::string text = written(draft);
  EXPECT_NE(text.find("Subject: Re: =?UTF-8?B?"), std::string::npos);
  EXPECT_NE(text.find("In-Reply-To: <1234@one.example>\r\n"), std::string::npos);
  EXPECT_NE(text.find("charset=UTF-8\r\nContent-Transfer-Encoding: base64"), std::string::npos) << "a Russian text";
  EXPECT_EQ(read_letter_head(text).answers.at(0), "1234@one.example");
  draft.answered_subject = "Re: Backup";
  EXPECT_NE(written(draft).find("Subject: Re: Backup\r\n"), std::string::npos);
}

TEST(mail_message, what_providers_do_to_letters_does_no_harm) {
  const Bytes bytes = sealed();
  const std::string text = written(draft_of(bytes));
  // Bare line feeds; head lines put in front; another name and another type.
  EXPECT_EQ(read_attachment(replaced(text, "\r\n", "\n")).value(), bytes);
  EXPECT_EQ(read_attachment("Return-Path: <a@b.example>\r\nReceived: from x\r\n\tby y; Thu\r\n" + text).value(), bytes);
  std::string renamed =
      replaced(text, "application/octet-stream; name=", "TEXT/x-unknown;\r\n\tcharset=us-ascii; name=");
  renamed = replaced(renamed, "Content-Transfer-Encoding: base64", "content-transfer-encoding:\r\n  BASE64");
  EXPECT_EQ(read_attachment(renamed).value(), bytes);
  // Base64 wrapped anew, and in one line.
  const std::string data = to_base64(bytes, 76);
  for (const size_t line : {0U, 4U, 20U, 60U, 1'000U}) {
    const std::string wrapped = replaced(text, data, to_base64(bytes, line) + (line == 0 ? "\r\n" : ""));
    ASSERT_NE(wrapped.find(to_base64(bytes, line)), std::string::npos);
    EXPECT_EQ(read_attachment(wrapped).value(), bytes) << line;
  }
}

TEST(mail_message, added_parts_and_an_outer_letter_do_no_harm) {
  const Bytes bytes = sealed();
  const std::string inner = written(draft_of(bytes));
  const std::string footer =
      "--outer\r\nContent-Type: text/html\r\nContent-Transfer-Encoding: "
      "quoted-printable\r\n\r\n<b>Scanned=20by</b>\r\n";
  const std::string outer =
      "From: x@y.example\r\nContent-Type: Multipart/Mixed; boundary=outer; x=\"a;b\"\r\n\r\npreamble\r\n" + footer +
      "--outer\r\n" + inner + "\r\n" + footer + "--outer--\r\nepilogue\r\n";
  EXPECT_EQ(read_attachment(outer).value(), bytes);
  std::string deep = inner;
  for (int level = 0; level < 4; ++level) {
    const std::string name = "level" + std::to_string(level);
    deep = "Content-Type: multipart/mixed; boundary=" + name + "\r\n\r\n--" + name + "\r\n" + deep + "\r\n--" + name +
           "--\r\n";
  }
  EXPECT_EQ(read_attachment(deep).error().code, kBadLetter) << "nested too deeply";
}

TEST(mail_message, changed_bytes_and_cut_letters_give_nothing) {
  const Bytes bytes = sealed();
  const std::string text = written(draft_of(bytes));
  for (size_t cut = 0; cut + 45 < text.size(); cut += 37) {
    EXPECT_FALSE(read_attachment(std::string_view(text).substr(0, cut)).has_value()) << cut;
  }
  Bytes other = bytes;
  other.front() = 2;
  EXPECT_FALSE(read_attachment(written(draft_of(other))).has_value()) << "another version is another program's";
  EXPECT_FALSE(
      read_attachment(replaced(text, to_base64(bytes, 76), to_base64(bytes, 76) + "-- \r\nfooter!\r\n")).has_value());
  EXPECT_FALSE(read_attachment(written(draft_of(sealed(56)))).has_value()) << "too small to be sealed";
  EXPECT_FALSE(read_attachment(std::string(kLetterBytesMax + 1, 'x')).has_value());
  EXPECT_FALSE(read_attachment("").has_value());
}

TEST(mail_message, more_parts_than_the_bound_are_not_looked_at) {
  std::string text = "Content-Type: multipart/mixed; boundary=b\r\n\r\n";
  for (int i = 0; i < 40; ++i) text += "--b\r\nContent-Type: text/plain\r\n\r\nhello\r\n";
  text += "--b\r\nContent-Transfer-Encoding: base64\r\n\r\n" + to_base64(sealed(), 76) + "--b--\r\n";
  EXPECT_FALSE(read_attachment(text).has_value());
}

TEST(mail_message, programs_and_mail_servers_are_recognised) {
  EXPECT_FALSE(read_letter_head("From: a@b.example\r\n\r\n").automatic);
  EXPECT_FALSE(read_letter_head("From: a@b.example\r\nAuto-Submitted: no\r\n\r\n").automatic);
  for (const char* line : {"Auto-Submitted: auto-replied", "auto-submitted: auto-generated; x=y", "Precedence: bulk",
                           "Precedence: LIST", "Return-Path: <>", "X-Autoreply: yes", "List-Id: <l.example>",
                           "X-Failed-Recipients: a@b", "Content-Type: multipart/report; boundary=x"}) {
    EXPECT_TRUE(read_letter_head(std::string("From: a@b.example\r\n") + line + "\r\n\r\n").automatic) << line;
  }
  EXPECT_TRUE(read_letter_head("From: Mail <MAILER-DAEMON@b.example>\r\n").automatic);
  EXPECT_TRUE(read_letter_head("From: noreply@b.example\r\n").automatic);
}

TEST(mail_message, senders_are_read_and_injections_are_not) {
  EXPECT_EQ(read_letter_head("From: a+1@b.example\n").from, "a+1@b.example");
  EXPECT_EQ(read_letter_head("FROM: \"Anna <x>\"\r\n <a@b.example>\r\n").from, "a@b.example");
  EXPECT_EQ(read_letter_head("From: <a@b.example>, <c d@e>\r\n").from, "");
  EXPECT_EQ(read_letter_head("From: a@b.example\r\nSubject: x\xff\r\n").subject, "");
  EXPECT_EQ(read_letter_head("Message-ID: <a b@c>\r\n").message_id, "");
  EXPECT_EQ(read_letter_head("Message-ID: <a@c>\r\nIn-Reply-To: <x@y>\r\nReferences: <z@y> <x@y>\r\n").answers.size(),
            3U);
}

TEST(mail_message, own_letters_are_recognised_by_nobody_else) {
  SeededRandom random(7);
  const LetterIds ours(ByteArray<32>{1});
  const LetterIds theirs(ByteArray<32>{2});
  const std::string id = ours.make("one.example", random);
  EXPECT_EQ(id.size(), 36U + 1 + 11);
  EXPECT_TRUE(ours.is_ours(id));
  EXPECT_FALSE(theirs.is_ours(id));
  EXPECT_EQ(ours.find_in("x@y Message-ID: <" + id + ">\r\n"), id);
  EXPECT_EQ(ours.find_in("a@b, <12345678-1234-1234-1234-123456789012@b>"), "");
  EXPECT_EQ(ours.find_in(id), id) << "at the end of the text";
  const std::string longest = ours.make(std::string(255, 'a'), random);
  EXPECT_EQ(ours.find_in("<" + longest + ">"), longest);
  EXPECT_EQ(ours.find_in("<" + ours.make(std::string(256, 'a'), random) + "> <" + id + ">"), id)
      << "no domain is so long, and what follows is looked at";
  std::string other = id;
  other[3] = other[3] == 'a' ? 'b' : 'a';
  EXPECT_FALSE(ours.is_ours(other));
  EXPECT_FALSE(ours.is_ours(""));
}

TEST(mail_account, servers_and_addresses_are_checked) {
  EXPECT_EQ(parse_mail_server("smtps://mail.example", MailService::kSmtp)->port, 465);
  EXPECT_EQ(parse_mail_server("smtp://mail.example", MailService::kSmtp)->port, 587);
  EXPECT_EQ(parse_mail_server("imap://[2001:db8::1]:1143/", MailService::kImap)->port, 1143);
  EXPECT_TRUE(parse_mail_server("imap://mail.example", MailService::kImap)->starttls);
  EXPECT_FALSE(parse_mail_server("imaps://mail.example", MailService::kImap)->starttls);
  for (const char* bad : {"", "smtp", "smtps:/mail.example", "http://mail.example", "smtps://user@mail.example",
                          "smtps://mail.example/x", "smtps://mail.example?x=y", "imaps://mail.example", "smtps://:465",
                          "smtps://mail.example:0", "smtps://mail\r\n.example"}) {
    EXPECT_FALSE(parse_mail_server(bad, MailService::kSmtp).has_value()) << bad;
  }
  for (const char* bad :
       {"", "a", "@b", "a@", "a b@c", "a@b\r\n", "<a@b>", "a..b@c", ".a@c", "a@b..c", "a@b@c", "a\"@b"}) {
    EXPECT_FALSE(is_mail_address(bad)) << bad;
  }
  const MailAccount account{"anna+@mail.example", "smtps://mail.example", "imaps://mail.example", "", "secret"};
  EXPECT_TRUE(check_mail_account(account).has_value());
  EXPECT_EQ(plain_mail_address(account), "anna@mail.example");
  EXPECT_EQ(sender_address(account, "x1"), "anna+x1@mail.example");
  MailAccount plain = account;
  plain.address = "anna@mail.example";
  EXPECT_EQ(sender_address(plain, "x1"), "anna@mail.example");
  plain.password = "a\nb";
  EXPECT_EQ(check_mail_account(plain).error().code, kBadMailAccount);
}

TEST(base64, strict_but_for_blanks) {
  EXPECT_EQ(to_base64(as_bytes("any carnal pleas"), 0), "YW55IGNhcm5hbCBwbGVhcw==");
  EXPECT_EQ(as_text(from_base64("YW55 IGNh\r\ncm5hbCBwbGVhcw\n==").value()), "any carnal pleas");
  for (const char* bad : {"A", "AAAAA", "AA=", "AA===", "AA==AA==", "AA-_", "=", "AAA=A"}) {
    EXPECT_FALSE(from_base64(bad).has_value()) << bad;
  }
}

}  // namespace
}  // namespace godwit::net
