#pragma once
// A real nats-server for this folder's tests: on loopback, with a folder of its own.

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <thread>

#include "store/nats_store.h"
#include "store/temporary_folder_test.h"

namespace godwit::store {

/// The program: GODWIT_NATS_SERVER of the environment, or where tools/install puts it. Empty: there is none.
inline std::string nats_program() {
  const char* named = std::getenv("GODWIT_NATS_SERVER");
  const std::string program = named != nullptr ? named : GODWIT_NATS_SERVER;
  return ::access(program.c_str(), X_OK) == 0 ? program : "";
}

/// One server with JetStream. Killed with all it keeps when this goes.
class NatsServer {
 public:
  /// Starts `program` with `extra` in its configuration, `jet_stream_extra` in that of JetStream.
  explicit NatsServer(std::string program = nats_program(), std::string extra = "", bool jet_stream = true,
                      const std::string& jet_stream_extra = "")
      : program_(std::move(program)) {
    std::ofstream config(folder_ / "config");
    config << "host: 127.0.0.1\nports_file_dir: \"" << folder_ / "" << "\"\n" << extra << "\n";
    if (jet_stream) config << "jetstream { store_dir: \"" << data() << "\", " << jet_stream_extra << " }\n";
    config.close();
    start();
  }
  ~NatsServer() { stop(SIGKILL); }
  NatsServer(const NatsServer&) = delete;
  NatsServer& operator=(const NatsServer&) = delete;

  /// Where it keeps what it has.
  std::string data() const { return folder_ / "data"; }
  /// What a store needs to know.
  NatsPlace place() const { return *parse_nats_place("nats://127.0.0.1:" + port_ + "/test"); }

  /// Starts it, the second time at the port that it had.
  void start() {
    const std::string config = folder_ / "config";
    const std::string log = folder_ / "log";
    const std::string port = port_.empty() ? "-1" : port_;
    pid_ = ::fork();
    if (pid_ == 0) {
      const int out = ::open(log.c_str(), O_CREAT | O_WRONLY | O_APPEND, 0600);
      ::dup2(out, 1);
      ::dup2(out, 2);
      ::execl(program_.c_str(), program_.c_str(), "-c", config.c_str(), "-p", port.c_str(), nullptr);
      ::_exit(127);
    }
    const std::string ports = folder_ / ("nats-server_" + std::to_string(pid_) + ".ports");
    const std::string before = "127.0.0.1:";
    // ctest ends a test that waits in vain.
    for (std::string text; port_.empty() || !std::filesystem::exists(ports);) {
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
      text = std::filesystem::exists(ports) ? contents_of(ports) : "";
      const size_t at = text.find(before);
      if (at != std::string::npos && text.find('}') != std::string::npos)
        port_ = text.substr(at + before.size(), text.find('"', at) - at - before.size());
    }
  }
  /// Ends it with `signal` and waits for that.
  void stop(int signal) {
    if (pid_ <= 0) return;
    ::kill(pid_, signal);
    ::waitpid(pid_, nullptr, 0);
    pid_ = 0;
  }
  /// Stops it as it is, or lets it go on.
  void pause(bool paused) { ::kill(pid_, paused ? SIGSTOP : SIGCONT); }

 private:
  TemporaryFolder folder_;
  std::string program_;
  std::string port_;
  pid_t pid_ = 0;
};

}  // namespace godwit::store
