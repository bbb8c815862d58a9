// Programs of transports that work, hang, crash and talk nonsense: shell scripts here, the real ones in tests/.

#include "net/transports.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>

#include <fstream>
#include <sstream>

#include "net/child_process.h"
#include "net/errors.h"
#include "net/pt_server.h"
#include "net/testing/loopback.h"
#include "routes/errors.h"

namespace godwit::net {
namespace {

constexpr const char* kReady = "echo VERSION 1; echo CMETHOD obfs4 socks5 127.0.0.1:4321; echo CMETHODS DONE\n";

/// A folder with one program, and what became of it.
struct Lab {
  explicit Lab(const std::string& script) : program(folder.write("program", "#!/bin/sh\n" + script)) {
    ::chmod(program.c_str(), 0700);
  }
  TransportOptions options() {
    TransportOptions out{folder.path("state"), {{"obfs4", program}}};
    out.on_trouble = [this](const std::string& text) { troubles.push_back(text); };
    return out;
  }
  Result<routes::PtMethod> ask(Transports& transports) {
    std::optional<Result<routes::PtMethod>> answer;
    transports.ask("obfs4", [&](const Result<routes::PtMethod>& method) { answer.emplace(method); });
    EXPECT_TRUE(loop->run_until([&] { return answer.has_value(); }, testing::kPatience));
    return std::move(*answer);
  }
  ErrorCode refusal(TransportOptions chosen) {
    Transports transports(*loop, std::move(chosen));
    const auto answer = ask(transports);
    EXPECT_FALSE(answer);
    return answer ? ErrorCode{} : answer.error().code;
  }
  // A file that the program writes; waits for its first line.
  std::string line_of(const std::string& name) {
    std::string line;
    EXPECT_TRUE(poll([&] {
      std::ifstream file(folder.path(name));
      return static_cast<bool>(std::getline(file, line)) && !file.eof();
    }));
    return line;
  }
  bool is_gone(int pid) {
    return poll([&] { return ::kill(pid, 0) != 0; });
  }
  // For what no callback tells of.
  bool poll(const std::function<bool()>& done) {
    const Instant end = loop->steady_now() + testing::kPatience;
    while (!done() && loop->steady_now() < end) loop->run_until([] { return false; }, milliseconds(10));
    return done();
  }

  testing::TemporaryFolder folder;
  std::unique_ptr<EventLoop> loop = EventLoop::create().value();
  std::string program;
  std::vector<std::string> troubles;
};

TEST(Transports, a_program_is_started_once_for_all_who_ask) {
  Lab lab("echo started >> $TOR_PT_STATE_LOCATION/../../starts\n" + std::string(kReady) + "cat > /dev/null\n");
  Transports transports(*lab.loop, lab.options());
  for (int i = 0; i < 3; ++i) {
    const auto method = lab.ask(transports);
    ASSERT_TRUE(method);
    EXPECT_EQ(method->host, "127.0.0.1");
    EXPECT_EQ(method->port, 4321);
  }
  std::ifstream file(lab.folder.path("starts"));
  std::stringstream starts;
  starts << file.rdbuf();
  EXPECT_EQ(starts.str(), "started\n");
  EXPECT_TRUE(lab.troubles.empty());
}

TEST(Transports, a_program_gets_a_clean_environment_and_a_folder_of_its_own) {
  ::setenv("GODWIT_TEST_SECRET", "1", 1);
  Lab lab("env | sort > $TOR_PT_STATE_LOCATION/env; echo >> $TOR_PT_STATE_LOCATION/env\n" + std::string(kReady) +
          "cat > /dev/null\n");
  Transports transports(*lab.loop, lab.options());
  ASSERT_TRUE(lab.ask(transports));
  std::ifstream file(lab.folder.path("state/obfs4/env"));
  std::stringstream text;
  text << file.rdbuf();
  const std::string environment = text.str();
  EXPECT_EQ(environment.find("GODWIT_TEST_SECRET"), std::string::npos);
  for (const std::string& wanted :
       {std::string("TOR_PT_CLIENT_TRANSPORTS=obfs4\n"), std::string("TOR_PT_EXIT_ON_STDIN_CLOSE=1\n"),
        std::string("TOR_PT_MANAGED_TRANSPORT_VER=1,2.1,2\n"),
        "TOR_PT_STATE_LOCATION=" + lab.folder.path("state/obfs4") + "\n"}) {
    EXPECT_NE(environment.find(wanted), std::string::npos) << wanted;
  }
}

TEST(Transports, a_program_that_ends_talks_nonsense_or_refuses_fails_by_name) {
  struct Case {
    const char* script;
    ErrorCode code;
    const char* words;
  };
  for (const Case& each :
       {Case{"echo oops >&2; exit 3\n", kPtEnded, "oops"}, Case{"head -c 100000 /dev/urandom\n", kPtEnded, ""},
        Case{"echo VERSION-ERROR no-version; cat > /dev/null\n", routes::kPtVersion, "no-version"},
        Case{"echo VERSION 1; echo ENV-ERROR no state >&2; cat > /dev/null\n", routes::kPtEnvironment, "no state"},
        Case{"echo VERSION 1; echo CMETHOD-ERROR obfs4 no such; echo CMETHODS DONE; cat\n", routes::kPtNoTransport,
             "no such"}}) {
    Lab lab(each.script);
    EXPECT_EQ(lab.refusal(lab.options()), each.code) << each.script;
    ASSERT_EQ(lab.troubles.size(), 1u);
    EXPECT_NE(lab.troubles[0].find(each.words), std::string::npos) << lab.troubles[0];
  }
}

TEST(Transports, a_program_that_hangs_is_noticed_and_ended_though_it_ignores_everything) {
  Lab lab("trap '' TERM INT\necho $$ > $TOR_PT_STATE_LOCATION/../../pid\nwhile true; do sleep 0.1; done\n");
  TransportOptions options = lab.options();
  options.start_limit = milliseconds(300);
  EXPECT_EQ(lab.refusal(std::move(options)), kPtHangs);
  const int pid = std::stoi(lab.line_of("pid"));
  EXPECT_TRUE(lab.is_gone(pid));
}

TEST(Transports, a_program_that_ignores_the_users_proxy_is_not_used) {
  Lab lab(kReady + std::string("cat > /dev/null\n"));
  TransportOptions options = lab.options();
  options.proxy = routes::parse_proxy("socks5://127.0.0.1:1").value();
  EXPECT_EQ(lab.refusal(std::move(options)), routes::kPtProxy);
  Lab honest("test \"$TOR_PT_PROXY\" = socks5://127.0.0.1:1 && echo PROXY DONE\n" + std::string(kReady) +
             "cat > /dev/null\n");
  options = honest.options();
  options.proxy = routes::parse_proxy("socks5://127.0.0.1:1").value();
  Transports transports(*honest.loop, std::move(options));
  EXPECT_TRUE(honest.ask(transports));
}

TEST(Transports, a_program_that_failed_is_not_started_again_before_its_pause_is_over) {
  Lab lab("echo started >> $TOR_PT_STATE_LOCATION/../../starts; exit 1\n");
  Transports transports(*lab.loop, lab.options());
  EXPECT_EQ(lab.ask(transports).error().code, kPtEnded);
  EXPECT_EQ(lab.ask(transports).error().code, kPtEnded);
  std::ifstream file(lab.folder.path("starts"));
  std::stringstream starts;
  starts << file.rdbuf();
  EXPECT_EQ(starts.str(), "started\n");
  EXPECT_EQ(pt_pause(0), Duration{});
  EXPECT_EQ(pt_pause(1), seconds(1));
  EXPECT_EQ(pt_pause(3), seconds(4));
  EXPECT_EQ(pt_pause(4'000'000'000u), minutes(5));
}

TEST(Transports, a_program_ends_with_its_owner) {
  Lab lab("echo $$ > $TOR_PT_STATE_LOCATION/../../pid\n" + std::string(kReady) + "cat > /dev/null\n");
  int pid = 0;
  {
    Transports transports(*lab.loop, lab.options());
    ASSERT_TRUE(lab.ask(transports));
    pid = std::stoi(lab.line_of("pid"));
    EXPECT_EQ(::kill(pid, 0), 0);
  }
  EXPECT_TRUE(lab.is_gone(pid));
}

TEST(Transports, a_program_that_ends_after_it_was_ready_is_told_and_asked_no_more) {
  Lab lab(kReady);
  Transports transports(*lab.loop, lab.options());
  EXPECT_TRUE(lab.ask(transports));
  ASSERT_TRUE(lab.loop->run_until([&] { return !lab.troubles.empty(); }, testing::kPatience));
  EXPECT_EQ(lab.ask(transports).error().code, kPtEnded);
}

TEST(PtServer, serves_tells_its_arguments_and_is_started_anew_when_it_ends) {
  Lab lab(
      "test \"$TOR_PT_SERVER_BINDADDR\" = obfs4-127.0.0.1:9 || exit 1\n"
      "test \"$TOR_PT_ORPORT\" = 127.0.0.1:7 || exit 1\n"
      "test \"$TOR_PT_SERVER_TRANSPORT_OPTIONS\" = 'obfs4:iat-mode=1;obfs4:x=y' || exit 1\n"
      "echo VERSION 1; echo SMETHOD obfs4 127.0.0.1:9 ARGS:cert=abc,iat-mode=1; echo SMETHODS DONE\n"
      "exit 0\n");
  std::vector<routes::PtMethod> ready;
  std::vector<Error> troubles;
  PtServerOptions options{"obfs4", lab.program, "127.0.0.1:9", 7, lab.folder.path("state"), "iat-mode=1;x=y"};
  const auto server = PtServer::create(*lab.loop, options,
                                       {[&](const routes::PtMethod& method) { ready.push_back(method); },
                                        [&](Error error, const std::string&) { troubles.push_back(error); }})
                          .value();
  ASSERT_TRUE(lab.loop->run_until([&] { return ready.size() == 2; }, testing::kPatience));
  EXPECT_EQ(ready[1].arguments.at("cert"), "abc");
  ASSERT_FALSE(troubles.empty());
  EXPECT_EQ(troubles[0].code, kPtEnded);
}

TEST(PtServer, listens_at_an_address_and_a_port) {
  Lab lab("exit 0\n");
  for (const char* listen : {"", "127.0.0.1", "home.example:1", "127.0.0.1:0", "127.0.0.1:1/x", "[::1]"}) {
    PtServerOptions options{"obfs4", lab.program, listen, 7, lab.folder.path("state")};
    EXPECT_EQ(PtServer::create(*lab.loop, options, {}).error().code, kBadOption) << listen;
  }
}

TEST(PtProcess, programs_are_looked_for_in_path) {
  EXPECT_EQ(find_program("sh").back(), 'h');
  EXPECT_EQ(find_program("no-such-program-here"), "");
  EXPECT_EQ(find_program(""), "");
  EXPECT_EQ(find_program("/etc/passwd"), "") << "it may not be run";
  EXPECT_EQ(find_program("/bin/sh"), "/bin/sh");
}

}  // namespace
}  // namespace godwit::net
