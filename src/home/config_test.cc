// The configuration file: what is printed is read, and what is wrong is named with its line.

#include "home/config.h"

#include <gtest/gtest.h>

#include "home/errors.h"

namespace godwit::home {
namespace {

ConfigProblem problem_of(std::string_view text) {
  ConfigProblem problem;
  const auto config = parse_config(text, problem);
  EXPECT_FALSE(config.has_value());
  if (!config) {
    EXPECT_EQ(config.error().code, kBadConfig);
  }
  return problem;
}

TEST(Config, nonsense_is_refused_with_its_line) {
  const std::string_view signs = "[]\"'=.#,{}-+a1 \t\n\r\\";
  uint32_t state = 1;
  for (int i = 0; i < 20'000; ++i) {
    std::string text;
    for (int size = i % 12 + 1; size > 0; --size) {
      state = state * 1664525 + 1013904223;
      text += signs[(state >> 16) % signs.size()];
    }
    ConfigProblem problem;
    if (!parse_config(text, problem)) EXPECT_GT(problem.line + problem.text.size(), 0U) << text;
  }
  ConfigProblem problem;
  EXPECT_FALSE(parse_config("\n  [[\n", problem));
  EXPECT_EQ(problem.line, 2U);
}

TEST(Config, an_empty_file_is_the_defaults) {
  ConfigProblem problem;
  const auto config = parse_config("", problem);
  ASSERT_TRUE(config.has_value());
  EXPECT_EQ(config->port, 443);
  EXPECT_EQ(config->options.limits.queue_items_max, Limits{}.queue_items_max);
}

TEST(Config, what_is_printed_is_read_again) {
  Config config;
  config.addresses = {"127.0.0.1"};
  config.port = 0;
  config.host = "home.example";
  config.path = "/a \"quoted\\ path";
  config.routes = {"wss://a/x", "wss://b/y"};
  config.options.admission = Admission::kCodeOrWork;
  config.options.limits.takes_interval = seconds(77);
  config.options.limits.queue_bytes_max = uint64_t{1} << 40;
  config.drop_unsynced_at_kill = true;
  ConfigProblem problem;
  const std::string text = print_config(config);
  const auto again = parse_config(text, problem);
  ASSERT_TRUE(again.has_value()) << problem.line << ": " << problem.text;
  EXPECT_EQ(print_config(*again), text);
  EXPECT_EQ(again->path, config.path);
  EXPECT_EQ(again->routes, config.routes);
  EXPECT_EQ(again->options.admission, Admission::kCodeOrWork);
  EXPECT_EQ(again->options.limits.takes_interval, seconds(77));
}

TEST(Config, whom_push_services_may_write_to_is_a_url) {
  ConfigProblem problem;
  const auto config = parse_config("web_push = false\nweb_push_contact = \"mailto:anna@example.org\"", problem);
  ASSERT_TRUE(config.has_value()) << problem.text;
  EXPECT_FALSE(config->web_push);
  EXPECT_EQ(parse_config(print_config(*config), problem)->web_push_contact, "mailto:anna@example.org");
  EXPECT_EQ(problem_of("port = 1\nweb_push_contact = \"anna@example.org\"").line, 2U);
  EXPECT_EQ(problem_of("web_push_contact = 'mailto:\"'").line, 1U);
}

TEST(Config, where_the_page_is_found_is_an_address_of_the_web) {
  ConfigProblem problem;
  const auto config = parse_config("host = \"home.example\"\npage = \"https://home.example/\"", problem);
  ASSERT_TRUE(config.has_value()) << problem.text;
  EXPECT_EQ(plan_of(*config).page, "https://home.example/");
  EXPECT_EQ(parse_config(print_config(*config), problem)->page, "https://home.example/");
  for (const char* bad : {"http://home.example/", "https://", "https://home.example/#a", "https://home.example/?a", "home.example"})
    EXPECT_EQ(problem_of("port = 1\npage = \"" + std::string(bad) + "\"").line, 2U) << bad;
}

TEST(Config, the_bulletin_and_bridges_are_read_and_printed) {
  const std::string text =
      "host = \"home.example\"\n[bulletin]\nmails = [\"home@example.org\"]\nurls = [\"https://example.org/b\"]\n"
      "public_routes = [\"wss://front.example/x\"]\n[[bridge]]\nroute = \"bridge://203.0.113.7/ws\"\npublic = true\n"
      "[[bridge]]\nroute = \"bridge://203.0.113.8/ws\"\n";
  ConfigProblem problem;
  const auto config = parse_config(text, problem);
  ASSERT_TRUE(config.has_value()) << problem.line << ": " << problem.text;
  const BulletinPlan plan = plan_of(*config);
  EXPECT_EQ(plan.routes, std::vector<std::string>{"wss://front.example/x"});
  EXPECT_EQ(plan.mails, std::vector<std::string>{"home@example.org"});
  ASSERT_EQ(plan.bridges.size(), 2U);
  EXPECT_TRUE(plan.bridges[0].is_public);
  EXPECT_FALSE(plan.bridges[1].is_public);
  const auto again = parse_config(print_config(*config), problem);
  ASSERT_TRUE(again.has_value()) << problem.line << ": " << problem.text;
  EXPECT_EQ(print_config(*again), print_config(*config));
  EXPECT_EQ(again->bridges.size(), 2U);
}

TEST(Config, a_bulletin_that_cannot_be_said_is_refused_with_its_line) {
  EXPECT_EQ(problem_of("port = 1\n[bulletin]\nmails = [\"a@b\", \"c@d\", \"e@f\"]\n").line, 2U);
  EXPECT_EQ(problem_of("[bulletin]\nmails = [\"a b\"]\n").line, 1U);
  EXPECT_EQ(problem_of("[bulletin]\nmail = []\n").line, 2U);
  EXPECT_EQ(problem_of("[bulletin]\npublic_routes = [\"nonsense\"]\n").line, 1U);
  EXPECT_EQ(problem_of("\n[[bridge]]\npublic = true\n").line, 2U);
  EXPECT_EQ(problem_of("[[bridge]]\nroute = \"bridge://203.0.113.8/ws\"\npublic = 1\n").line, 3U);
}

TEST(Config, every_key_is_explained) {
  const std::string text = print_config(Config{});
  size_t keys = 0;
  size_t comments = 0;
  for (size_t at = 0; at < text.size(); at = text.find('\n', at) + 1) {
    if (text[at] == '#') ++comments;
    if (text[at] >= 'a' && text[at] <= 'z') ++keys;
  }
  EXPECT_GT(keys, 30U);
  EXPECT_GT(comments, keys) << "those that belong together share one";
}

TEST(Config, an_unknown_key_is_named_with_its_line) {
  const auto problem = problem_of("port = 1\n\nprot = 2\n");
  EXPECT_EQ(problem.line, 3U);
  EXPECT_EQ(problem.text, "unknown key `prot`");
}

TEST(Config, a_wrong_type_or_range_is_named_with_its_line) {
  EXPECT_EQ(problem_of("host = \"x\"\nport = \"443\"\n").line, 2U);
  EXPECT_EQ(problem_of("port = 65536").text, "`port` must be a whole number from 0 to 65535");
  EXPECT_EQ(problem_of("port = -1").line, 1U);
  EXPECT_EQ(problem_of("mailbox_work_bits = 256").line, 1U);
  EXPECT_EQ(problem_of("\nbehind_proxy = 1").line, 2U);
  EXPECT_EQ(problem_of("addresses = \"0.0.0.0\"").line, 1U);
  EXPECT_EQ(problem_of("addresses = [1]").line, 1U);
  EXPECT_EQ(problem_of("admission = \"everybody\"").text, "`admission` must be \"code\", \"work\" or \"code or work\"");
}

TEST(Config, what_is_no_toml_is_named_with_its_line) {
  EXPECT_EQ(problem_of("port = 1\nhost = \"open\nsite = \"\"").line, 2U);
  EXPECT_EQ(problem_of("port = 1\nport = 2\n").line, 2U);
  EXPECT_FALSE(problem_of("= = =").text.empty());
}

// Every key, given a value of a type that it never has.
TEST(Config, a_wrong_type_is_named_with_its_line_for_every_key) {
  const std::string text = print_config(Config{});
  size_t keys = 0;
  for (size_t at = 0; at < text.size(); at = text.find('\n', at) + 1) {
    if (text[at] < 'a' || text[at] > 'z') continue;
    ++keys;
    const std::string name = text.substr(at, text.find(' ', at) - at);
    const auto problem = problem_of("# one\n\n" + name + " = 1979-05-27\n");
    EXPECT_EQ(problem.line, 3U) << name;
    EXPECT_EQ(problem.text.find("`" + name + "` must be "), 0U) << problem.text;
  }
  EXPECT_GT(keys, 30U);
}

TEST(Config, values_that_cannot_be_are_named_with_their_line) {
  const char* const lines[] = {
      "addresses = []",
      "path = \"ws\"",
      "path = \"\"",
      "store = \"\"",
      "store = \"nats://user:word@host\"",
      "nats_certificate = \"home.pem\"",
      "nats_bytes_max = 1000",
      "nats_lease_seconds = 1",
      "identity_key = \"\"",
      "admission_key = \"\"",
      "mailbox_work_bits = 31",
      "log_work_bits = 25",
      "addresses_max = 18001",
      "takes_burst = 0",
      "requests_in_flight_max = 0",
      "push_window_bytes = 0",
      "appends_burst = 0",
      "fetch_bytes_max = 524289",
      "fetch_bytes_max = 1",
      "sessions_max = 0",
      "output_bytes_max = 1",
  };
  for (const std::string line : lines) {
    const auto problem = problem_of("port = 0\n\n" + line + "\nbehind_proxy = false\n");
    EXPECT_EQ(problem.line, 3U) << line;
    const std::string name = line.substr(0, line.find(' '));
    EXPECT_EQ(problem.text.find("`" + name + "` must "), 0U) << problem.text;
  }
}

TEST(Config, transports_are_read_printed_and_checked) {
  ConfigProblem problem;
  const std::string one = "[[transport]]\nname = \"obfs4\"\nprogram = \"obfs4proxy\"\nlisten = \"0.0.0.0:8443\"\n";
  const auto config = parse_config("host = \"x\"\n" + one + "address = \"203.0.113.5:443\"\n" + one, problem);
  ASSERT_TRUE(config) << problem.text;
  ASSERT_EQ(config->transports.size(), 2U);
  EXPECT_EQ(config->transports[0].address, "203.0.113.5:443");
  const auto again = parse_config(print_config(*config), problem);
  ASSERT_TRUE(again) << problem.text;
  ASSERT_EQ(again->transports.size(), 2U);
  EXPECT_EQ(again->transports[1].listen, "0.0.0.0:8443");
  EXPECT_EQ(problem_of("[[transport]]\nname = \"obfs4\"\n").text, "a transport has `name`, `program` and `listen`");
  EXPECT_EQ(problem_of(one + "prot = 1\n").text, "unknown key `prot`");
  EXPECT_EQ(problem_of("[[transport]]\nname = 4\n").line, 2U);
  EXPECT_FALSE(problem_of("transport = 1").text.empty());
  EXPECT_FALSE(problem_of("transport = [1]").text.empty());
  std::string many;
  for (int i = 0; i < 9; ++i) many += one;
  EXPECT_FALSE(problem_of(many).text.empty());
}

TEST(Config, a_mailbox_is_read_printed_and_checked) {
  ConfigProblem problem;
  const std::string mail =
      "[mail]\naddress = \"h@m.example\"\nsmtp = \"smtps://m.example\"\nimap = \"imaps://m.example\"\n"
      "password_file = \"mail.password\"\n";
  const auto config = parse_config("host = \"x\"\n" + mail + "poll_seconds = 7\nanswers_hour_max = 5\n", problem);
  ASSERT_TRUE(config) << problem.text;
  EXPECT_EQ(config->mail.poll, seconds(7));
  const auto again = parse_config(print_config(*config), problem);
  ASSERT_TRUE(again) << problem.text;
  EXPECT_EQ(again->mail.address, "h@m.example");
  EXPECT_EQ(again->mail.answers_hour_max, 5U);
  EXPECT_TRUE(parse_config("host = \"x\"\n", problem)->mail.address.empty());
  EXPECT_EQ(problem_of("[mail]\naddress = \"h@m.example\"\n").text,
            "a mailbox has `address`, `smtp`, `imap` and `password_file`");
  EXPECT_EQ(problem_of(mail + "pasword = 1\n").text, "unknown key `pasword`");
  EXPECT_EQ(problem_of("[mail]\naddress = 4\n").line, 2U);
  EXPECT_FALSE(problem_of("mail = 1").text.empty());
}

}  // namespace
}  // namespace godwit::home
