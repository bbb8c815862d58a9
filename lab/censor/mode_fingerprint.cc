// Modes 8 and 9: hellos by their fingerprint, and hellos of popular families that come too fast.

#include <algorithm>
#include <deque>

#include "lab/censor/modes.h"
#include "lab/censor/recognise.h"
#include "lab/censor/residual.h"

namespace godwit::lab {
namespace {

constexpr uint8_t kApplicationData = 23;
constexpr uint8_t kChangeCipherSpec = 20;

bool listed(const std::vector<std::string>& fingerprints, const std::string& fingerprint) {
  return std::find(fingerprints.begin(), fingerprints.end(), fingerprint) != fingerprints.end();
}

std::vector<std::string> list_of(const Options& options) {
  return options.is("ja4", "builtin") ? listed_ja4() : options.names("ja4");
}

/// The handshake of a listed hello ends well, and then no data passes.
class TlsFingerprint final : public Mode {
 public:
  explicit TlsFingerprint(const Options& options)
      : fingerprints_(list_of(options)), drop_hello_(options.is("action", "hello")) {}

  Verdict on_packet(const View& view) override {
    if (view.tls() != nullptr && listed(fingerprints_, view.flow.fingerprint)) {
      count("hellos");
      states_[view.flow] = {};
      return drop_hello_ ? drop("packets_dropped") : Verdict::passed();
    }
    State* state = states_.find(view.flow);
    if (state == nullptr) return Verdict::passed();
    if (drop_hello_) return drop("packets_dropped");
    if (view.packet.payload_size == 0) return Verdict::passed();
    return view.direction == kUp ? on_up(view, *state) : on_down(view, *state);
  }

  void on_end(const Flow& flow) override { states_.erase(flow); }

 private:
  /// How far the handshake has come. Data beyond the limits is dropped; what is repeated from before them passes.
  struct State {
    bool finished = false;      ///< the client's Finished was seen
    uint32_t up_limit = 0;      ///< the sequence number after it
    bool down_limited = false;  ///< the server has said its last
    uint32_t down_limit = 0;
  };

  Verdict on_up(const View& view, State& state) {
    const Packet& packet = view.packet;
    const uint32_t end = packet.sequence + static_cast<uint32_t>(packet.payload_size);
    if (state.finished) return end == state.up_limit || view.repeated ? Verdict::passed() : drop("packets_dropped");
    const StreamHead& answer = view.flow.head[kDown];
    const bool tls13 = answer.closed() || server_chose_tls13(answer.bytes());
    // TLS 1.3 shows the Finished as application data; TLS 1.2 as what follows ChangeCipherSpec.
    if (view.flow.data_packets[kDown] == 0 ||
        !has_record(packet.payload(), tls13 ? kApplicationData : kChangeCipherSpec)) {
      return Verdict::passed();
    }
    state.finished = true;
    state.up_limit = end;
    state.down_limited = tls13;
    state.down_limit = view.flow.next_sequence[kDown];
    return Verdict::passed();
  }

  Verdict on_down(const View& view, State& state) {
    if (!state.finished) return Verdict::passed();
    if (state.down_limited) {
      const uint32_t end = view.packet.sequence + static_cast<uint32_t>(view.packet.payload_size);
      return static_cast<int32_t>(end - state.down_limit) <= 0 ? Verdict::passed() : drop("packets_dropped");
    }
    if (has_record(view.packet.payload(), kChangeCipherSpec)) {  // TLS 1.2: the server's Finished comes with it
      state.down_limited = true;
      state.down_limit = view.packet.sequence + static_cast<uint32_t>(view.packet.payload_size);
    }
    return Verdict::passed();
  }

  std::vector<std::string> fingerprints_;
  bool drop_hello_;
  PerFlow<State> states_;
};

/// More than three quick handshakes of a popular family to one name freeze it.
class Siberian final : public Mode {
 public:
  explicit Siberian(const Options& options)
      : fingerprints_(list_of(options)),
        families_(split(options.text("families"), '+')),
        handshakes_(static_cast<size_t>(options.whole("handshakes"))),
        gap_(from_seconds(options.number("gap_ms") / 1000)),
        window_(options.seconds("window")),
        freeze_(options.seconds("freeze")),
        ban_(options.seconds("ban")) {}

  Verdict on_packet(const View& view) override {
    if (view.tls() != nullptr) note_hello(view);
    const bool tls = view.flow.has_hello && view.flow.tcp();
    if (!tls || view.packet.payload_size == 0) return Verdict::passed();
    const ClientHost host{view.flow.key.client.address, view.flow.key.server.address};
    if (bans_.blocked(host, view.now)) return drop("packets_to_banned_server");
    if (frozen_.blocked(context_of(view.flow), view.now)) return drop("packets_dropped");
    return Verdict::passed();
  }

  void on_time(Time now, Dice&) override {
    frozen_.sweep(now);
    bans_.sweep(now);
    std::erase_if(recent_, [&](const auto& entry) {
      return entry.second.times.back() + window_ < now && !frozen_.blocked(entry.first, now);
    });
  }

 private:
  struct Context {
    Address client;
    std::string name;
    friend auto operator<=>(const Context&, const Context&) = default;
  };
  struct Recent {
    std::deque<Time> times;  ///< Of a chain of handshakes with gaps below gap_, in the window.
    HelloFamily family = HelloFamily::kOther;
  };

  static Context context_of(const Flow& flow) { return {flow.key.client.address, flow.hello.server_name}; }

  bool counts(const Flow& flow, HelloFamily family) const {
    const auto among = [&](const char* name) {
      return std::find(families_.begin(), families_.end(), name) != families_.end();
    };
    return among(family_name(family)) || (among("listed") && listed(fingerprints_, flow.fingerprint));
  }

  void note_hello(const View& view) {
    const Context context = context_of(view.flow);
    if (context.name.empty()) return;  // reported not to trigger
    const HelloFamily family = family_of(view.flow.hello);
    if (frozen_.blocked(context, view.now)) {
      const auto known = recent_.find(context);
      if (known != recent_.end() && known->second.family != family) {
        count("servers_banned");
        bans_.block({context.client, view.flow.key.server.address}, view.now + ban_);
      }
      return;
    }
    if (!counts(view.flow, family)) return;
    Recent& recent = recent_[context];
    if (!recent.times.empty() && view.now - recent.times.back() >= gap_) recent.times.clear();
    while (!recent.times.empty() && view.now - recent.times.front() > window_) recent.times.pop_front();
    recent.times.push_back(view.now);
    recent.family = family;
    if (recent.times.size() <= handshakes_) return;
    count("names_frozen");
    frozen_.block(context, view.now + freeze_);
  }

  std::vector<std::string> fingerprints_;
  std::vector<std::string> families_;
  size_t handshakes_;
  Time gap_;
  Time window_;
  Time freeze_;
  Time ban_;
  std::map<Context, Recent> recent_;
  ResidualTable<Context> frozen_;
  ResidualTable<ClientHost> bans_;
};

}  // namespace

ModeInfo tls_fp_mode() {
  return {8,
          "tls-fp",
          "A TLS connection to a suspect network (dst) whose hello has a listed JA4 ends its handshake and then passes "
          "no data.",
          "other hellos; a change of hello after a failure; what is no TLS",
          {
              {"ja4", OptionKind::kNames, "builtin", 0, 0, "", "fingerprints; builtin: those of ja4.txt"},
              {"action", OptionKind::kChoice, "data", 0, 0, "data|hello",
               "drop the data after the handshake, or the hello"},
          },
          false,
          make_mode<TlsFingerprint>};
}

ModeInfo siberian_mode() {
  return {9,
          "siberian",
          "More than some handshakes of a popular family to one name in a suspect network (dst), each soon after the one "
          "before, freeze TLS from this client to this name; TCP still opens. If the family changes meanwhile, all TLS to the "
          "server's address is blocked.",
          "one multiplexed connection; dials further apart; other families; hellos without a name",
          {
              {"families", OptionKind::kParts, "chrome+safari+ios+listed", 0, 0, "chrome|safari|ios|firefox|other|listed",
               "whose hellos count; listed: those of ja4"},
              {"ja4", OptionKind::kNames, "builtin", 0, 0, "", "fingerprints that count as listed; builtin: ja4.txt"},
              {"handshakes", OptionKind::kWhole, "3", 1, 100, "", "more than so many"},
              {"gap_ms", OptionKind::kNumber, "400", 1, 60000, "", "a gap of so many milliseconds begins anew"},
              {"window", OptionKind::kNumber, "60", 1, 3600, "", "seconds within which they count"},
              {"freeze", OptionKind::kNumber, "120", 0, kSecondsMax, "", "seconds for client and name"},
              {"ban", OptionKind::kNumber, "600", 0, kSecondsMax, "", "seconds for client and server address"},
          },
          false,
          make_mode<Siberian>};
}

}  // namespace godwit::lab
