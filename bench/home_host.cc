#include "bench/home_host.h"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <map>

#include "crypto/random_sources.h"
#include "home/admission.h"
#include "home/home.h"
#include "net/certificate.h"
#include "net/event_loop.h"
#include "net/listener.h"
#include "store/rocksdb_store.h"

namespace godwit::bench {
namespace {

// Joins a home to its sockets, store and clock: all that the child process does.
class Host {
 public:
  Host(const std::string& folder, const std::string& address, home::Keys keys)
      : loop_(net::EventLoop::create().value()), timer_(*loop_), folder_(folder), address_(address) {
    auto store = store::open_rocksdb(folder + "/store");
    ASSERT(store.has_value());
    store_ = std::move(store).value();
    home_ = std::make_unique<home::Home>(std::move(keys), home::Options{}, *store_, random_);
    store_->on_ready([poster = loop_->poster(), this] {
      poster.post([this] {
        home_->store_ready(loop_->now());
        settle();
      });
    });
    home_->start(loop_->now());
  }

  uint16_t listen() {
    const auto pem = net::make_self_signed_certificate({"bench.example"}, loop_->now());
    ASSERT(pem.has_value());
    std::ofstream(folder_ + "/certificate.pem") << pem->certificate;
    std::ofstream(folder_ + "/key.pem") << pem->key;
    net::ListenerOptions options;
    options.addresses = {address_};
    options.port = 0;
    options.certificate_file = folder_ + "/certificate.pem";
    options.key_file = folder_ + "/key.pem";
    auto listener = net::Listener::create(*loop_, options, [this](net::Arrival arrival) { return accept(arrival); });
    ASSERT(listener.has_value());
    listener_ = std::move(listener).value();
    return listener_->port();
  }

  void run() {
    settle();
    loop_->run();
  }

 private:
  struct Line {
    std::unique_ptr<net::Pipe> pipe;
    Bytes waiting;  // what the pipe had no room for
  };

  net::PipeEvents accept(net::Arrival& arrival) {
    const home::PipeId id{++last_pipe_};
    lines_[id].pipe = std::move(arrival.pipe);
    home_->pipe_opened(id, session::Form::kWebSocket, {}, loop_->now());
    net::PipeEvents events;
    events.on_bytes = [this, id](ByteView bytes) {
      home_->pipe_bytes(id, bytes, loop_->now());
      settle();
    };
    events.on_drained = [this, id] { drained(id); };
    events.on_closed = [this, id](Error) {
      lines_.erase(id);
      home_->pipe_closed(id, loop_->now());
      settle();
    };
    return events;
  }

  void drained(home::PipeId id) {
    const auto line = lines_.find(id);
    if (line == lines_.end()) return;
    if (!line->second.pipe->send(line->second.waiting)) return;  // on_drained comes again
    line->second.waiting.clear();
    home_->pipe_drained(id, loop_->now());
    settle();
  }

  void settle() {
    while (auto output = home_->next_output()) {
      if (auto* send = std::get_if<home::SendBytes>(&*output)) {
        const auto line = lines_.find(send->pipe);
        if (line != lines_.end() && !line->second.pipe->send(send->bytes)) {
          line->second.waiting = std::move(send->bytes);
          home_->pipe_full(send->pipe);
        }
      } else if (const auto* close = std::get_if<home::ClosePipe>(&*output)) {
        lines_.erase(close->pipe);
      } else {
        std::fprintf(stderr, "bench: the home's store is damaged\n");
        ::_exit(1);
      }
    }
    timer_.set_at(home_->next_deadline(), [this] {
      home_->handle_expiry(loop_->now());
      settle();
    });
  }

  std::unique_ptr<net::EventLoop> loop_;
  net::Timer timer_;
  std::string folder_;
  std::string address_;
  crypto::SystemRandom random_;
  std::unique_ptr<store::HomeStore> store_;
  std::unique_ptr<home::Home> home_;
  std::unique_ptr<net::Listener> listener_;
  std::map<home::PipeId, Line> lines_;
  uint64_t last_pipe_ = 0;
};

[[noreturn]] void run_child(const std::string& folder, const std::string& address, home::Keys keys, int report) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  Host host(folder, address, std::move(keys));
  const uint16_t port = host.listen();
  ASSERT(::write(report, &port, sizeof port) == sizeof port);
  ::close(report);
  host.run();
  ::_exit(0);
}

home::Keys make_keys() {
  ASSERT(crypto::initialise());
  crypto::SystemRandom random;
  return {crypto::X25519KeyPair::generate(random), crypto::Secret<32>::random(random),
          crypto::Secret<32>::random(random)};
}

}  // namespace

TemporaryFolder::TemporaryFolder() {
  path_ = (std::filesystem::temp_directory_path() / "godwit-bench-XXXXXX").string();
  ASSERT(::mkdtemp(path_.data()) != nullptr);
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

HomeHost::HomeHost(const std::string& address) : keys_(make_keys()) {
  crypto::SystemRandom random;
  admission_code_ = home::make_admission_code(keys_.admission_key, 0, 0, random);
  int report[2];
  ASSERT(::pipe(report) == 0);
  std::fflush(nullptr);
  process_ = ::fork();
  ASSERT(process_ >= 0);
  if (process_ == 0) {
    ::close(report[0]);
    run_child(folder_.path(), address, keys_.clone(), report[1]);
  }
  ::close(report[1]);
  ASSERT(::read(report[0], &route_.port, sizeof route_.port) == sizeof route_.port);
  ::close(report[0]);
  route_.host = address;
  route_.path = "/ws";
}

HomeHost::~HomeHost() {
  ::kill(process_, SIGKILL);
  ::waitpid(process_, nullptr, 0);
}

double HomeHost::processor_seconds() const {
  clockid_t clock{};
  timespec time{};
  if (::clock_getcpuclockid(process_, &clock) != 0 || ::clock_gettime(clock, &time) != 0) return 0;
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

}  // namespace godwit::bench
