// Passing sealed requests on to other homes, so that a contact's home does not see from where somebody writes. This home sees
// the target and how many bytes go there and come back; it cannot open either.

#include <algorithm>

#include "crypto/xwing.h"
#include "home/core.h"
#include "session/record.h"
#include "wire/errors.h"

namespace godwit::home {
namespace {

// A home that has not answered by then is not going to; the client has other relays.
constexpr Duration kTimeout = seconds(20);
// Of one session at once: a client writes to few homes at a time, and a relay is for many clients.
constexpr size_t kAtOnceOfSession = 4;
// To one home at once: one that hangs holds so many places at most.
constexpr size_t kAtOnceToHome = 16;
// No sealed reply is longer (sealed.cc).
constexpr size_t kReplyMax = wire::kSealedSizeMax;
// Format, encapsulated key and tag around the padded plaintext of a sealed request.
constexpr size_t kAround = 1 + crypto::kXWingCiphertextSize + 16;

// What has another size was not made by a client of ours: its size could mark it on the way.
bool has_bucket_size(size_t size) { return size > kAround && session::bucket_for(size - kAround) == size - kAround; }

// co_await: until somebody has filled `awaited`.
class Arrival {
 public:
  explicit Arrival(std::shared_ptr<Awaited> awaited) : awaited_(std::move(awaited)) {}
  Arrival(const Arrival&) = delete;
  Arrival& operator=(const Arrival&) = delete;
  ~Arrival() { awaited_->waiting = nullptr; }
  bool await_ready() const noexcept { return awaited_->result.has_value(); }
  void await_suspend(std::coroutine_handle<> waiting) noexcept { awaited_->waiting = waiting; }
  Result<Bytes> await_resume() { return std::move(*awaited_->result); }

 private:
  std::shared_ptr<Awaited> awaited_;
};

}  // namespace

Core::Answer Core::handle(const Caller& caller, const wire::Forward& request) {
  if (request.home.key.value == keys_.identity.public_key) {
    const wire::Sealed own{request.bytes};
    auto answer = handle(caller, own);
    co_return co_await answer;
  }
  CO_CHECK(check_forward(caller.session, request));
  const Duration wait = forward_rate_.take({}, now_);
  if (wait > Duration{}) {
    co_return wire::Refused{wire::kTooManyRequests.number, static_cast<uint32_t>(wait.ms), 0};
  }
  make_forward_room();
  const ForwardId id{next_forward_++};
  const auto awaited = std::make_shared<Awaited>();
  forwards_.emplace(id, Passing{caller.session, request.home.key, now_ + kTimeout, awaited});
  sessions_.forward(id, request.home, request.bytes);
  Arrival arrival(awaited);
  CO_TRY(reply, co_await arrival);
  const bool sensible = !reply.empty() && reply.size() <= kReplyMax;
  CO_REQUIRE(sensible, wire::kHomeUnreachable, "home: the other home answers nonsense");
  co_return wire::SealedReply{std::move(reply)};
}

// kUnknownRequest: not here; kSealedRefused; kTooManyRequests.
Status Core::check_forward(SessionId session, const wire::Forward& request) {
  REQUIRE(options_.forward, wire::kUnknownRequest, "home: `forward` is off");
  REQUIRE(has_bucket_size(request.bytes.size()), wire::kSealedRefused, "home: not the size of a sealed request");
  const auto to_home = std::count_if(forwards_.begin(), forwards_.end(),
                                     [&](const auto& each) { return each.second.home == request.home.key; });
  REQUIRE(static_cast<size_t>(to_home) < kAtOnceToHome, wire::kTooManyRequests, "home: passed on to one home");
  const auto of_session = std::count_if(forwards_.begin(), forwards_.end(),
                                        [&](const auto& each) { return each.second.session == session; });
  REQUIRE(static_cast<size_t>(of_session) < kAtOnceOfSession, wire::kTooManyRequests, "home: passed on of one session");
  return {};
}

// At forwards_max the one that waits longest for the home for which most wait is given up: whoever fills the places with
// requests to homes that hang pushes out these.
void Core::make_forward_room() {
  while (!forwards_.empty() && forwards_.size() >= options_.limits.forwards_max) {
    std::map<wire::HomeKey, size_t> counts;
    for (const auto& [id, passing] : forwards_) ++counts[passing.home];
    auto victim = forwards_.begin();  // they stand in the order in which they came
    for (auto each = forwards_.begin(); each != forwards_.end(); ++each) {
      if (counts[each->second.home] > counts[victim->second.home]) victim = each;
    }
    end_forward(victim->first, Error{wire::kHomeUnreachable, "home: forwards_max"});
  }
}

void Core::forwarded(ForwardId forward, Result<Bytes> reply, Instant now) {
  now_ = now;
  end_forward(forward, std::move(reply));
  run();
}

// Goes on with whoever waits for it. Also from inside of another task, which therefore does not reap.
void Core::end_forward(ForwardId forward, Result<Bytes> reply) {
  const auto found = forwards_.find(forward);
  if (found == forwards_.end()) return;
  const auto awaited = found->second.reply;
  forwards_.erase(found);
  const bool crosses =
      reply || reply.error().code == wire::kSealedRefused || reply.error().code == wire::kTooManyRequests;
  if (!crosses) reply = Error{wire::kHomeUnreachable, "home: the other home is not reached"};
  awaited->result.emplace(std::move(reply));
  if (const auto waiting = std::exchange(awaited->waiting, nullptr)) waiting.resume();
}

}  // namespace godwit::home
