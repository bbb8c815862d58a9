#include "home/main_metrics.h"

#include <sys/resource.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>

#include "net/http_message.h"
#include "net/site.h"

namespace godwit::home {
namespace {

using Clock = std::chrono::steady_clock;
using Type = OpenMetrics::Type;

constexpr size_t kHeadBytesMax = 8 * 1024;
constexpr const char* kContentType = "application/openmetrics-text; version=1.0.0; charset=utf-8";

uint64_t microseconds_since(Clock::time_point begin) {
  return static_cast<uint64_t>(std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - begin).count());
}

bool waits_for_no_disk(const store::Operation& operation) {
  return std::holds_alternative<store::Get>(operation) || std::holds_alternative<store::Scan>(operation) ||
         std::holds_alternative<store::ReadQueue>(operation) || std::holds_alternative<store::Survey>(operation) ||
         std::holds_alternative<store::TrimQueue>(operation);
}

// A page of another site can have the browser of this machine ask here, by a name of its own that leads to 127.0.0.1.
bool names_this_machine(std::string_view host) {
  const size_t colon = host.rfind(':');
  const std::string_view name = host.substr(0, std::min(colon, host.size()));
  return name == "127.0.0.1" || name == "localhost";
}

std::string answer_to(const net::HttpParsed<net::HttpRequest>& parsed, Instant now,
                      const std::function<std::string()>& text) {
  const auto plain = [&](int status) { return net::response_head(status, now, false, "Content-Length: 0\r\n"); };
  if (parsed.progress == net::HttpProgress::kBad) return plain(parsed.status);
  const net::HttpRequest& request = parsed.message;
  if (!names_this_machine(request.headers.first("host")) || request.path() != "/metrics") return plain(404);
  const bool head_only = request.method == "HEAD";
  if (request.method != "GET" && !head_only) return plain(405);
  const std::string body = text();
  std::string headers = "Content-Type: ";
  headers.append(kContentType).append("\r\nContent-Length: ").append(std::to_string(body.size())).append("\r\n");
  const std::string head = net::response_head(200, now, false, headers);
  return head_only ? head : head + body;
}

// ---- what is told ---------------------------------------------------------------------------------------------------

void print_connections(OpenMetrics& out, const MetricsState& state) {
  const net::ListenerCounts& listener = state.home.listener;
  const Counters& home = state.home.home;
  out.counter("godwit_home_connections_accepted", "TCP connections that were accepted.", listener.accepted);
  out.family("godwit_home_connections_refused", Type::kCounter, "",
             "Connections that were closed before a session began, by the limit that was reached.");
  out.sample(listener.refused, {{"limit", "connections_max"}});
  out.sample(listener.refused_waiting, {{"limit", "strangers_source_max"}});
  out.sample(listener.refused_fast, {{"limit", "connects_source_burst"}});
  out.sample(home.pipes_refused_full, {{"limit", "sessions_max"}});
  out.sample(home.pipes_refused_source, {{"limit", "pipes_source_max"}});
  out.gauge("godwit_home_connections_open", "", "TCP connections now.", listener.open);
  out.family("godwit_home_tls_handshakes", Type::kCounter, "", "TLS handshakes that were completed.");
  out.sample(listener.handshakes - listener.handshakes_resumed, {{"how", "full"}});
  out.sample(listener.handshakes_resumed, {{"how", "resumed"}});
  out.counter("godwit_home_tls_handshakes_failed", "Connections that ended before TLS stood.",
              listener.handshakes_failed);
  out.counter("godwit_home_session_handshakes_begun", "Pipes on which a session may begin.", home.handshakes_begun);
  out.counter("godwit_home_session_handshakes_failed",
              "Of these, over before a client had shown that it holds the session's keys.", home.handshakes_failed);
  out.family("godwit_home_sessions_begun", Type::kCounter, "", "Sessions that stood.");
  out.sample(home.sessions_full, {{"how", "full"}});
  out.sample(home.sessions_resumed, {{"how", "resumed"}});
  out.counter("godwit_home_sessions_cut", "Sessions that were ended because they read too slowly.", home.sessions_cut);
  out.family("godwit_home_sessions", Type::kGauge, "", "Sessions now, by what they may ask.");
  out.sample(state.gauges.sessions_mailbox, {{"kind", "mailbox"}});
  out.sample(state.gauges.sessions_anonymous, {{"kind", "anonymous"}});
  out.gauge("godwit_home_sessions_live", "", "Sessions to which what arrives is pushed.", state.gauges.sessions_live);
  out.gauge("godwit_home_pipes", "", "Pipes now, those without a session yet included.", state.gauges.pipes);
  out.gauge("godwit_home_output_waiting_bytes", "bytes", "What waits for slow clients.", state.gauges.output_waiting);
  out.gauge("godwit_home_handshake_sources", "", "Sources of handshakes that the limit remembers, in memory.",
            state.gauges.sources_remembered);
  out.counter("godwit_home_site_requests", "HTTP requests that were answered by the web site.", listener.requests);
}

void print_requests(OpenMetrics& out, const MetricsState& state) {
  const Counters& home = state.home.home;
  out.family("godwit_home_requests", Type::kCounter, "", "Requests that were answered, by kind and outcome.");
  for (size_t kind = 0; kind < home.by_kind.size(); ++kind) {
    const std::string name = request_kind_name(kind);
    out.sample(home.by_kind[kind].done, {{"kind", name}, {"outcome", "done"}});
    out.sample(home.by_kind[kind].refused, {{"kind", name}, {"outcome", "refused"}});
  }
  out.family("godwit_home_refusals", Type::kCounter, "", "Refusals by reason, those of single recipients included.");
  for (const auto& [reason, count] : home.refusals) out.sample(count, {{"reason", reason}});
  out.gauge("godwit_home_requests_running", "", "Requests that are being done, and what the home does by itself.",
            state.gauges.requests_running);
}

void print_messages(OpenMetrics& out, const MetricsState& state) {
  const Counters& home = state.home.home;
  out.counter("godwit_home_items_stored", "Items that were stored for devices.", home.delivered);
  out.counter("godwit_home_items_duplicate", "Items that had been stored before.", home.duplicates);
  out.family("godwit_home_fleeting", Type::kCounter, "", "What is given to those who are there or to nobody.");
  out.sample(home.fleeting, {{"outcome", "given"}});
  out.sample(home.fleeting_dropped, {{"outcome", "dropped"}});
  out.counter("godwit_home_pushes", "Messages of items that were pushed to sessions.", home.pushes);
  out.counter("godwit_home_acknowledgements", "Acknowledgements, of one item or many.", home.acknowledgements);
  out.counter("godwit_home_web_pushes", "Pushes that browsers' push services have taken.", home.web_pushes);
  out.gauge("godwit_home_queues_known", "", "Queues that were delivered to lately, which are counted in memory.",
            state.gauges.queues_counted);
  out.gauge("godwit_home_queue_items", "", "Items that wait in these queues.", state.gauges.queue_items);
  out.gauge("godwit_home_queue_bytes", "bytes", "Bytes that wait in these queues.", state.gauges.queue_bytes);
  out.gauge("godwit_home_self_deliveries_waiting", "", "Messages to own devices that wait for their moment.",
            state.gauges.self_deliveries);
  out.gauge("godwit_home_transfers", "", "Requests in parts that are in memory.", state.gauges.transfers);
  out.gauge("godwit_home_forwards", "", "Sealed requests that are being passed on.", state.gauges.forwards);
  out.counter("godwit_home_calls_relayed", "Connections that were handed to the relay for calls.",
              state.home.listener.relays);
  out.counter("godwit_home_calls_refused", "Connections that were not, over a limit of calls.",
              state.home.listener.relays_refused);
  out.gauge("godwit_home_calls_connections", "", "Connections with the relay now.", state.home.listener.relays_open);
}

void print_totals(OpenMetrics& out, const MetricsState& state) {
  const Gauges& now = state.gauges;
  out.gauge("godwit_home_mailboxes", "", "Mailboxes.", now.mailboxes);
  out.gauge("godwit_home_group_logs", "", "Group logs.", now.group_logs);
  out.gauge("godwit_home_group_log_bytes", "bytes", "Bytes of all group logs.", now.group_log_bytes);
  out.gauge("godwit_home_channels", "", "Channels.", now.channels);
  out.gauge("godwit_home_channel_bytes", "bytes", "Bytes of all channels.", now.channel_bytes);
  out.gauge("godwit_home_blob_bytes", "bytes", "Bytes of blobs, each counted whole from its beginning.",
            now.blob_bytes);
  out.gauge("godwit_home_tickets", "", "Session tickets.", now.tickets);
  out.gauge("godwit_home_sealed_remembered", "", "Sealed requests that are remembered as done.", now.sealed_remembered);
  if (!state.sizes) return;
  out.family("godwit_home_store_bytes", Type::kGauge, "bytes",
             "About how large the store is, on disk and in memory, by what it is.");
  out.sample(state.sizes->records, {{"of", "records"}});
  out.sample(state.sizes->items, {{"of", "items"}});
  out.sample(state.sizes->remembered_ids, {{"of", "remembered_ids"}});
  out.sample(state.sizes->counters, {{"of", "counters"}});
  out.sample(state.sizes->expiries, {{"of", "expiries"}});
  out.sample(state.sizes->journal, {{"of", "journal"}});
}

void print_store(OpenMetrics& out, const MetricsState& state) {
  out.family("godwit_home_commit_seconds", Type::kHistogram, "seconds",
             "From when a change was asked until the disk had it, or refused it.");
  out.histogram(state.commits.durations);
  out.counter("godwit_home_commits_failed", "Changes that the store refused.", state.commits.failed);
  out.gauge("godwit_home_store_trouble", "", "1 while the store does not do what it is asked.",
            state.gauges.store_in_trouble ? 1 : 0);
  out.counter("godwit_home_damaged_records", "Records that were found damaged.", state.home.home.damaged_records);
  if (state.home.disk_free)
    out.gauge("godwit_home_disk_free_bytes", "bytes", "Room on the store's disk.", *state.home.disk_free);
}

void print_process(OpenMetrics& out, const MetricsState& state) {
  out.family("godwit_home_build", Type::kInfo, "", "Which program this is.");
  out.sample(1, {{"version", kVersion}});
  out.family("godwit_home_uptime_seconds", Type::kGauge, "seconds", "Since the start.");
  out.sample_thousandths(static_cast<uint64_t>(std::max<int64_t>(state.home.uptime.ms, 0)));
  out.gauge("godwit_home_draining", "", "1 while it takes nobody any more.", state.home.draining ? 1 : 0);
  out.gauge("process_resident_memory_bytes", "bytes", "Memory that is resident.", state.process.memory_bytes);
  out.gauge("process_open_fds", "", "Open files and sockets.", state.process.open_files);
  out.family("process_cpu_seconds", Type::kCounter, "seconds", "Time of processors, of user and system.");
  out.sample_thousandths(state.process.cpu_ms);
}

}  // namespace

void MeasuredStore::submit(store::Operation operation, std::function<void(Result<store::Outcome>)> done) {
  if (waits_for_no_disk(operation)) return store_.submit(std::move(operation), std::move(done));
  store_.submit(std::move(operation),
                [counts = counts_, begin = Clock::now(), done = std::move(done)](Result<store::Outcome> outcome) {
                  counts->durations.note(microseconds_since(begin));
                  if (!outcome) ++counts->failed;
                  done(std::move(outcome));
                });
}

ProcessState process_state() {
  ProcessState out;
  std::ifstream memory("/proc/self/statm");
  uint64_t pages_all = 0;
  uint64_t pages = 0;
  if (memory >> pages_all >> pages) out.memory_bytes = pages * static_cast<uint64_t>(::sysconf(_SC_PAGESIZE));
  std::error_code error;
  for (auto file = std::filesystem::directory_iterator("/proc/self/fd", error);
       !error && file != std::filesystem::directory_iterator(); file.increment(error))
    ++out.open_files;
  rusage used{};
  if (::getrusage(RUSAGE_SELF, &used) == 0) {
    for (const timeval& each : {used.ru_utime, used.ru_stime})
      out.cpu_ms += static_cast<uint64_t>(each.tv_sec) * 1'000 + static_cast<uint64_t>(each.tv_usec) / 1'000;
  }
  return out;
}

std::string print_metrics(const MetricsState& state) {
  OpenMetrics out;
  print_process(out, state);
  print_connections(out, state);
  print_requests(out, state);
  print_messages(out, state);
  print_totals(out, state);
  print_store(out, state);
  return out.finish();
}

// ---- the server -----------------------------------------------------------------------------------------------------

Result<std::unique_ptr<ServedMetrics>> ServedMetrics::create(net::EventLoop& loop, uint16_t port,
                                                             std::function<std::string()> text) {
  std::unique_ptr<ServedMetrics> self(new ServedMetrics(loop, std::move(text)));
  net::LocalServer::Events events;
  events.on_open = [raw = self.get()](net::LocalServer::ConnectionId id) { raw->opened(id); };
  events.on_bytes = [raw = self.get()](net::LocalServer::ConnectionId id, ByteView bytes) {
    raw->bytes_came(id, bytes);
  };
  events.on_end = [](net::LocalServer::ConnectionId) {};
  events.on_closed = [raw = self.get()](net::LocalServer::ConnectionId id) { raw->connections_.erase(id); };
  self->server_ = TRY(net::LocalServer::create_tcp(loop, port, std::move(events)));
  return self;
}

void ServedMetrics::opened(net::LocalServer::ConnectionId id) {
  auto& connection = connections_.emplace(id, Connection{{}, net::Timer(loop_)}).first->second;
  connection.patience.set(kPatience, [this, id] { server_->cut(id); });
}

void ServedMetrics::bytes_came(net::LocalServer::ConnectionId id, ByteView bytes) {
  const auto found = connections_.find(id);
  if (found == connections_.end()) return;
  append(found->second.input, bytes);
  const auto parsed = net::parse_http_request(found->second.input, kHeadBytesMax);
  if (parsed.progress == net::HttpProgress::kIncomplete) return;
  const std::string answer = answer_to(parsed, loop_.now(), text_);
  server_->close(id, as_bytes(answer));
}

}  // namespace godwit::home
