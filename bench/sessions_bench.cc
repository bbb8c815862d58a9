// What a session costs a home in memory beside its connection: as many in one home as are asked for, none with a socket, TLS or WebSocket
// of its own. So whatever carries many sessions over one connection leaves it with this, and an idle login costs this and its TLS.

#include <malloc.h>

#include <string>
#include <utility>
#include <vector>

#include "base/assert.h"
#include "bench/options.h"
#include "bench/report.h"
#include "crypto/ed25519.h"
#include "crypto/proof_of_work.h"
#include "crypto/random_sources.h"
#include "home/home.h"
#include "session/client_session.h"
#include "store/memory_store.h"
#include "wire/replies.h"
#include "wire/requests.h"

namespace godwit::bench {
namespace {

constexpr int kDefaultSessions = 20'000;
constexpr Instant kNow{1'800'000'000'000};

home::Options roomy(uint32_t sessions) {
  home::Options options;
  options.admission = home::Admission::kWork;
  options.mailbox_work_bits = 1;
  options.limits.sessions_max = sessions;
  options.limits.mailboxes_max = UINT32_MAX;  // the work grows as places are taken
  options.limits.handshakes_per_second = UINT32_MAX;
  return options;
}

// In blocks that are in use, their heads included. Not what is resident: what mailboxes left in the store lies between, so few pages go.
double bytes_in_use() {
  const struct mallinfo2 info = ::mallinfo2();
  return static_cast<double>(info.uordblks + info.hblkhd);
}

// A home whose sessions are opened by clients that are gone afterwards.
class Crowd {
 public:
  explicit Crowd(uint32_t sessions)
      : keys_(home::Keys::generate(random_)),
        key_(keys_.identity.public_key),
        home_(std::move(keys_), roomy(sessions), store_, random_) {
    home_.start(kNow);
    settle(nullptr);
  }

  // One more: logged in to a mailbox of its own, or an anonymous one that has asked for something.
  void open(bool mailbox) {
    session::ClientOptions options;
    options.home_key = key_;
    session::ClientSession client = session::ClientSession::connect(options, random_, kNow);
    home_.pipe_opened(home::PipeId{++last_}, session::Form::kStream, {}, kNow);
    settle(&client);
    const auto event = client.next_event();
    const auto* established = event ? std::get_if<session::ClientEstablished>(&*event) : nullptr;
    ASSERT(established != nullptr);
    const wire::Request request =
        mailbox ? wire::Request(opening(established->channel_binding)) : wire::Request(wire::BulletinGet{});
    ASSERT(client.send_request(wire::encode_request(request), kNow).has_value());
    settle(&client);
    ASSERT(answered(client));
  }

  void close_all() {
    for (; first_ < last_; ++first_) home_.pipe_closed(home::PipeId{first_ + 1}, kNow);
    settle(nullptr);
  }

 private:
  wire::MailboxOpen opening(const session::ChannelBinding& binding) {
    wire::MailboxOpen out;
    random_.fill(out.mailbox.value);
    const auto device = crypto::Ed25519KeyPair::generate(random_);
    Bytes message = to_bytes(as_bytes(wire::kMailboxProofLabel));
    append(message, binding);
    append(message, out.mailbox.view());
    out.key = wire::MailboxKey{device.public_key};
    out.signature = to_bytes(device.sign(message));
    out.work = {crypto::find_work(wire::kWorkLabel, out.mailbox.view(), 1)};
    return out;
  }

  static bool answered(session::ClientSession& client) {
    while (const auto event = client.next_event()) {
      const auto* reply = std::get_if<session::Reply>(&*event);
      if (reply == nullptr) continue;
      const auto decoded = wire::decode_reply(reply->bytes);
      return decoded && !std::holds_alternative<wire::Refused>(*decoded);
    }
    return false;
  }

  // The store may take a turn to carry something out and another to answer.
  void settle(session::ClientSession* client) {
    for (int quiet = 0; quiet < 3;) quiet = move_bytes(client) ? 0 : quiet + 1;
  }

  bool move_bytes(session::ClientSession* client) {
    const Bytes said = client != nullptr ? client->take_output(kNow) : Bytes();
    bool moved = !said.empty();
    if (moved) home_.pipe_bytes(home::PipeId{last_}, said, kNow);
    home_.store_ready(kNow);
    while (auto output = home_.next_output()) {
      moved = true;
      const auto* send = std::get_if<home::SendBytes>(&*output);
      if (send != nullptr && client != nullptr) ASSERT(client->receive(send->bytes, kNow).has_value());
    }
    return moved;
  }

  crypto::SystemRandom random_;
  store::MemoryDisk disk_;
  store::MemoryStore store_{disk_};
  home::Keys keys_;
  crypto::X25519PublicKey key_;
  home::Home home_;
  uint64_t first_ = 0;
  uint64_t last_ = 0;
};

// Bytes for each of `sessions`: what goes when all are closed. What their mailboxes left in the store stays, and is not theirs.
double bytes_each(uint32_t sessions, bool mailbox) {
  Crowd crowd(sessions);
  for (uint32_t i = 0; i < sessions; ++i) crowd.open(mailbox);
  const double with = bytes_in_use();
  crowd.close_all();
  return (with - bytes_in_use()) / sessions;
}

// How many bytes one more costs, by least squares over what several numbers of them took.
double slope(const std::vector<std::pair<double, double>>& points) {
  double x = 0;
  double y = 0;
  for (const auto& [count, bytes] : points) x += count, y += bytes;
  x /= static_cast<double>(points.size());
  y /= static_cast<double>(points.size());
  double above = 0;
  double below = 0;
  for (const auto& [count, bytes] : points) {
    above += (count - x) * (bytes - y);
    below += (count - x) * (count - x);
  }
  return above / below;
}

void measure(Report& report, const std::string& key, uint32_t most, bool mailbox) {
  std::vector<std::pair<double, double>> points;
  for (const uint32_t count : {most / 8, most / 4, most / 2, most}) {
    const double each = bytes_each(count, mailbox);
    points.emplace_back(count, each * count);
    report.add(key + "_" + std::to_string(count) + "_kib", "of " + print_number(count) + ", each", each / 1024, "KiB");
  }
  report.add(key + "_one_more_kib", "one more, by least squares", slope(points) / 1024, "KiB");
}

int run(const Options& options) {
  ASSERT(crypto::initialise());
  const auto most = static_cast<uint32_t>(options.sessions > 0 ? options.sessions : kDefaultSessions);
  Report report("sessions", "memory of sessions in one home, none with a connection of its own");
  report.heading("logged in, each to a mailbox of its own");
  measure(report, "mailbox", most, true);
  report.heading("anonymous");
  measure(report, "anonymous", most, false);
  return report.finish(options) ? 0 : 1;
}

}  // namespace
}  // namespace godwit::bench

int main(int argc, char** argv) {
  return godwit::bench::run(godwit::bench::parse_options(argc, argv, "memory of sessions without connections"));
}
