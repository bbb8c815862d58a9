#include "net/transports.h"

#include <utility>
#include <vector>

#include "net/child_process.h"
#include "net/errors.h"

namespace godwit::net {
namespace {

struct Known {
  const char* transport;
  const char* programs[2];  // the first that is installed
};
constexpr Known kKnown[] = {
    {"obfs4", {"lyrebird", "obfs4proxy"}},
    {"webtunnel", {"lyrebird", "webtunnel-client"}},
    {"snowflake", {"snowflake-client", "lyrebird"}},
};

// A program that ran this long before it ended is started anew at once.
constexpr Duration kRanWell = minutes(1);

}  // namespace

struct Transports::Impl : std::enable_shared_from_this<Transports::Impl> {
  using Done = std::function<void(Result<routes::PtMethod>)>;
  struct Entry {
    std::unique_ptr<PtProcess> process;
    std::optional<routes::PtMethod> method;  // ready
    std::vector<Done> waiting;
    std::optional<Error> failure;
    uint32_t failures = 0;
    Instant not_before{};
    Instant started{};
  };

  Impl(EventLoop& owner, TransportOptions chosen) : loop(owner), options(std::move(chosen)) {}

  std::string program_of(const std::string& transport) const {
    if (const auto chosen = options.programs.find(transport); chosen != options.programs.end()) return chosen->second;
    for (const Known& known : kKnown) {
      if (transport != known.transport) continue;
      for (const char* program : known.programs) {
        if (!find_program(program).empty()) return program;
      }
      return known.programs[1];
    }
    return {};
  }

  void ask(const std::string& transport, Done done) {
    Entry& entry = entries[transport];
    entry.waiting.push_back(std::move(done));
    if (entry.method) return answer_later(transport);
    if (entry.process) return;
    if (entry.failure && loop.steady_now() < entry.not_before) return answer_later(transport);
    start(transport, entry);
  }

  void start(const std::string& transport, Entry& entry) {
    PtCommand command;
    command.program = program_of(transport);
    command.transport = transport;
    command.state_folder = options.state_folder + "/" + transport;
    command.start_limit = options.start_limit;
    command.with_proxy = options.proxy.has_value();
    if (options.proxy) command.environment.push_back("TOR_PT_PROXY=" + routes::to_url(*options.proxy));
    PtEvents events;
    events.on_ready = [this, transport](const routes::PtMethod& method) {
      Entry& ready = entries[transport];
      ready.method = method;
      ready.failure.reset();
      answer(transport);
    };
    events.on_end = [this, transport](Error error, const std::string& words) { failed(transport, error, words); };
    entry.started = loop.steady_now();
    auto process = PtProcess::start(loop, command, std::move(events));
    if (process) {
      entry.process = std::move(*process);
    } else {
      failed(transport, process.error(), command.program);
    }
  }

  void failed(const std::string& transport, Error error, const std::string& words) {
    Entry& entry = entries[transport];
    const Instant now = loop.steady_now();
    const bool ran_well = entry.method && now >= entry.started + kRanWell;
    entry.failures = ran_well ? 0 : entry.failures + 1;
    entry.not_before = now + pt_pause(entry.failures);
    entry.failure = error;
    entry.method.reset();
    // Whoever called still stands in the process's code.
    loop.post([gone = std::shared_ptr<PtProcess>(std::move(entry.process))] {});
    if (options.on_trouble) {
      options.on_trouble(transport + ": " + error.rule + (words.empty() ? "" : " (" + words + ")"));
    }
    answer_later(transport);
  }

  void answer_later(const std::string& transport) {
    loop.post([weak = weak_from_this(), transport] {
      if (const auto self = weak.lock()) self->answer(transport);
    });
  }

  void answer(const std::string& transport) {
    Entry& entry = entries[transport];
    if (!entry.method && !entry.failure) return;
    const auto method = entry.method;
    const auto failure = entry.failure;
    for (const Done& done : std::exchange(entry.waiting, {})) {
      if (method) {
        done(*method);
      } else {
        done(*failure);
      }
    }
  }

  EventLoop& loop;
  TransportOptions options;
  std::map<std::string, Entry> entries;
};

Transports::Transports(EventLoop& loop, TransportOptions options)
    : impl_(std::make_shared<Impl>(loop, std::move(options))) {}

Transports::~Transports() = default;

void Transports::ask(const std::string& transport, std::function<void(Result<routes::PtMethod>)> done) {
  impl_->ask(transport, std::move(done));
}

}  // namespace godwit::net
