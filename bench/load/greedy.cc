// One person who asks for all that there is, of every size, against the real godwit-home with RocksDB: what is beyond a limit is refused by its
// name, the home's memory stays what it is, and somebody else is served meanwhile.

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <map>

#include "bench/mailbox.h"
#include "bench/rates.h"
#include "crypto/hash.h"
#include "crypto/random_sources.h"
#include "wire/errors.h"

namespace godwit::bench::load {
namespace {

constexpr size_t kAddressesMax = 1'000;  // addresses_max, as a home is configured at first
constexpr size_t kNeighbourAsks = 200;   // one after the other
constexpr size_t kUnderWay = 48;
constexpr double kGrowthMax = 64 << 20;
constexpr Duration kPatience = seconds(600);

// One session, so many requests at a time, and how often what was answered; 0: done.
class Asker {
 public:
  Asker(net::EventLoop& loop, Random& random, const HomeHost& home)
      : client_(loop, random, home, nullptr,
                {[this] { established_ = true; },
                 [this](session::StreamId, const wire::Reply& reply) {
                   last_ = reply;
                   take_answer(0);
                 },
                 {},
                 {},
                 [this](session::StreamId, uint16_t code) { take_answer(code); }}),
        loop_(loop) {
    client_.connect(0);
  }

  bool is_established() const { return established_; }
  Client& client() { return client_; }
  // What is asked next, `count` times.
  void want(size_t count, std::function<wire::Request(size_t)> make) {
    make_ = std::move(make);
    wanted_ += count;
  }
  // Sends what may be under way. True when all is answered.
  bool go_on(size_t under_way = kUnderWay) {
    while (sent_ < wanted_ && sent_ - answered_ < under_way) {
      sent_at_ = loop_.steady_now();
      client_.request(make_(sent_++));
    }
    return answered_ == wanted_;
  }
  size_t wanted() const { return wanted_; }
  // Of what goes one after the other, the longest that it took to be answered.
  Duration longest() const { return longest_; }
  // How often each code came since the last time.
  std::map<uint16_t, size_t> take_answers() { return std::exchange(answers_, {}); }
  const wire::Reply& last() const { return last_; }

 private:
  void take_answer(uint16_t code) {
    ++answers_[code];
    ++answered_;
    longest_ = std::max(longest_, loop_.steady_now() - sent_at_);
  }

  bool established_ = false;
  size_t wanted_ = 0;
  size_t sent_ = 0;
  size_t answered_ = 0;
  std::map<uint16_t, size_t> answers_;
  wire::Reply last_ = wire::Done{};
  std::function<wire::Request(size_t)> make_;
  Instant sent_at_;
  Duration longest_;
  Client client_;
  net::EventLoop& loop_;
};

using Codes = std::map<uint16_t, size_t>;

std::string print(const Codes& codes) {
  std::string out;
  for (const auto& [code, times] : codes) {
    out.append(out.empty() ? "" : ", ").append(std::to_string(times)).append(" times ").append(std::to_string(code));
  }
  return out;
}

// The home, a person with a session, and somebody with neither.
class Scene {
 public:
  Scene() : home_("127.0.0.1", {.keys = {{"self_delivery_seconds", "1"}}}), loop_(net::EventLoop::create().value()),
            person_(random_), owner_(*loop_, random_, home_), stranger_(*loop_, random_, home_) {}

  bool begin() {
    return wait([this] { return owner_.is_established() && stranger_.is_established(); }) &&
           ask(owner_, 1, [this](size_t) { return person_.open(owner_.client(), home_.admission_code()); }) == Codes{{0, 1}} &&
           ask(owner_, 1, [this](size_t) { return person_.create_address(); }) == Codes{{0, 1}};
  }

  // As many addresses as there may be, then far more, for as long as somebody writes to the person meanwhile.
  bool addresses(size_t asked) {
    const auto create = [this](size_t) { return wire::AddressCreate{{random_.bytes<16>()}, {random_.bytes<32>()}, 0}; };
    const Codes made = ask(owner_, kAddressesMax - 1, create);
    const double before = home_.resident_bytes();
    const double used_before = home_.processor_seconds();
    const Instant began = loop_->steady_now();
    const size_t wanted_before = owner_.wanted();
    owner_.want(asked, create);
    stranger_.want(kNeighbourAsks, [this](size_t) { return wire::Request(person_.deliver(Bytes(1'000), random_)); });
    const bool over = wait([&] {
      const bool served = stranger_.go_on(1);
      if (owner_.go_on() && !served) owner_.want(kUnderWay, create);
      return owner_.go_on() && served;
    });
    const size_t refused = owner_.wanted() - wanted_before;
    const double span = static_cast<double>((loop_->steady_now() - began).ms) / 1'000;
    const Codes codes = owner_.take_answers();
    const Codes served = stranger_.take_answers();
    const double grown = home_.resident_bytes() - before;
    const double used = home_.processor_seconds() - used_before;
    std::printf(
        "greedy: %zu addresses made, then %zu asked for: %s; %.0f a second, %.3f ms of the home's time for each, "
        "%.1f MiB more memory; the neighbour meanwhile: %s, %lld ms at most\n",
        kAddressesMax, refused, print(codes).c_str(), static_cast<double>(refused) / span,
        used / static_cast<double>(refused) * 1'000, grown / (1 << 20), print(served).c_str(),
        static_cast<long long>(stranger_.longest().ms));
    ask(owner_, 1, [](size_t) { return wire::AddressList{}; });
    const auto* list = std::get_if<wire::Addresses>(&owner_.last());
    return over && made == Codes{{0, kAddressesMax - 1}} && codes == Codes{{wire::kQuotaFull.number, refused}} &&
           served == Codes{{0, kNeighbourAsks}} && grown < kGrowthMax && list != nullptr &&
           list->addresses.size() == kAddressesMax;
  }

  // Around every bound that a request has, and where frames end.
  bool sizes() {
    bool good = true;
    const auto expect = [&](const char* what, Asker& asker, const Codes& codes, auto make) {
      const Codes got = ask(asker, codes.begin()->second, make);
      if (got != codes) std::printf("greedy: %s: %s\n", what, print(got).c_str());
      good = good && got == codes;
    };
    const std::vector<size_t> fine = {0, 1, 2, 15, 16, 17, 1'379, 1'380, 1'381, 16'383, 16'384, 16'385, 65'535, 65'536, 65'537,
                                      wire::kPayloadSizeMax - 1, wire::kPayloadSizeMax};
    expect("payloads that fit", stranger_, {{0, fine.size()}},
           [&](size_t i) { return wire::Request(person_.deliver(Bytes(fine[i % fine.size()]), random_)); });
    const auto too_large = [](size_t times) { return Codes{{wire::kTooLarge.number, times}}; };
    expect("payloads that do not", stranger_, too_large(3),
           [&](size_t i) { return wire::Request(person_.deliver(Bytes(wire::kPayloadSizeMax + 1 + i % 3 * 40'000), random_)); });
    expect("a log's entry that fits", stranger_, {{wire::kLogRefused.number, 1}},
           [](size_t) { return wire::LogAppend{{}, 1, 0, {}, {}, {}, Bytes(wire::kEntrySizeMax)}; });
    expect("one that does not", stranger_, too_large(1),
           [](size_t) { return wire::LogAppend{{}, 1, 0, {}, {}, {}, Bytes(wire::kEntrySizeMax + 1)}; });
    expect("a sealed request that fits", stranger_, {{wire::kSealedRefused.number, 1}},
           [](size_t) { return wire::Sealed{Bytes(wire::kSealedSizeMax)}; });
    expect("one that does not", stranger_, too_large(1), [](size_t) { return wire::Sealed{Bytes(wire::kSealedSizeMax + 1)}; });
    expect("a key package that fits", owner_, {{0, 1}},
           [this](size_t) { return wire::KeyPackagePublish{person_.alias, {Bytes(wire::kKeyPackageSizeMax)}, {}}; });
    expect("one that does not", owner_, too_large(1),
           [this](size_t) { return wire::KeyPackagePublish{person_.alias, {Bytes(wire::kKeyPackageSizeMax + 1)}, {}}; });
    for (const uint32_t most : {0U, 1U, 262'144U, UINT32_MAX}) {
      expect("a fetch", owner_, {{0, 1}}, [most](size_t) { return wire::Fetch{{0}, most, false}; });
    }
    std::printf("greedy: requests around their largest sizes: %s\n", good ? "each answered as it should be" : "NOT AS IT SHOULD BE");
    return good;
  }

 private:
  bool wait(const std::function<bool()>& done) { return loop_->run_until(done, kPatience); }
  Codes ask(Asker& asker, size_t count, std::function<wire::Request(size_t)> make) {
    asker.want(count, std::move(make));
    wait([&] { return asker.go_on(); });
    return asker.take_answers();
  }

  crypto::SystemRandom random_;
  HomeHost home_;
  std::unique_ptr<net::EventLoop> loop_;
  Mailbox person_;
  Asker owner_;
  Asker stranger_;
};

int run(size_t addresses_asked) {
  ASSERT(crypto::initialise());
  Scene scene;
  if (!scene.begin()) {
    std::fprintf(stderr, "greedy: the mailbox was not opened\n");
    return 1;
  }
  const bool addresses = scene.addresses(addresses_asked);
  return scene.sizes() && addresses ? 0 : 1;
}

}  // namespace
}  // namespace godwit::bench::load

// greedy [ADDRESSES]: how many are asked for beyond what there may be.
int main(int argc, char** argv) {
  size_t addresses = 2'000;
  const std::string_view text = argc > 1 ? argv[1] : "";
  if (!text.empty() && std::from_chars(text.data(), text.data() + text.size(), addresses).ec != std::errc()) return 2;
  return addresses > 0 ? godwit::bench::load::run(addresses) : 2;
}
