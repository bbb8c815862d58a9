// Lines of the log.

#include "home/log_text.h"

#include <gtest/gtest.h>

#include "wire/errors.h"

namespace godwit::home {
namespace {

constexpr Instant kNow{1'764'412'710'123};

TEST(LogText, a_line_has_time_level_event_and_values) {
  const LogFields fields = {{"count", uint64_t{3}}, {"error", wire::kQuotaFull}, {"text", "it is \"full\""}};
  EXPECT_EQ(log_line(kNow, LogLevel::kWarning, "it_is_full", fields, false),
            "time=2025-11-29T10:38:30Z level=warning event=it_is_full count=3 error=wire_quota_full text=\"it is "
            "\\\"full\\\"\"\n");
  EXPECT_EQ(log_line(kNow, LogLevel::kError, "it_is_full", fields, true),
            "{\"time\":\"2025-11-29T10:38:30Z\",\"level\":\"error\",\"event\":\"it_is_full\",\"count\":3,"
            "\"error\":\"wire_quota_full\",\"text\":\"it is \\\"full\\\"\"}\n");
}

TEST(LogText, addresses_and_tokens_are_hidden_wherever_they_stand) {
  const std::pair<const char*, const char*> cases[] = {
      {"listen tcp 192.0.2.7:443: in use", "listen tcp [address]:443: in use"},
      {"(192.0.2.7)", "([address])"},
      {"x192.0.2.7", "x[address]"},
      {"2001:db8::1 is gone", "[address] is gone"},
      {"[2001:db8::1]:443", "[[address]]:443"},
      {"::ffff:192.0.2.7,", "[address],"},
      {"from anna@example.org.", "from [address]"},
      {"<anna.b+c@example.org>", "<[address]>"},
      {"key AbCdEfGhIjKlMnOpQrStUvWxYz0123456789-_AbCdE=", "key [token]"},
      {"godwit-home:AbCdEfGhIjKlMnOpQrStUvWxYz0123456789", "godwit-home:[token]"},
      {"two\nlines\tand\x01 \xc3\xa9", "two lines and? ??"},
      {"version 1.2.3 of 12:30, store/000123.sst", "version 1.2.3 of 12:30, store/000123.sst"},
      {"the certificate ends in 9 days", "the certificate ends in 9 days"},
      {"", ""},
  };
  for (const auto& [text, expected] : cases) EXPECT_EQ(log_safe(text), expected) << text;
}

TEST(LogText, what_was_made_safe_stays_as_it_is) {
  for (const char* text : {"1.2.3.4.5.6.7.8", "a:b:c:d:e", "@@", "1.2.3.[address]", "abc1.2.3.4def5.6.7.8",
                           ":1.2.3.4:", "...1.2.3.4", "1.2.3.4..5", "1.2.3.4."}) {
    const std::string once = log_safe(text);
    EXPECT_EQ(log_safe(once), once) << text;
  }
}

}  // namespace
}  // namespace godwit::home
