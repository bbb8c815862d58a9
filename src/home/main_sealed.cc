#include "home/main_sealed.h"

#include <chrono>
#include <memory>
#include <thread>

#include "codec/codec.h"
#include "crypto/random_sources.h"
#include "home/errors.h"
#include "home/main_questions.h"
#include "home/main_store.h"
#include "store/errors.h"
#include "wire/errors.h"

namespace godwit::home {
namespace {

constexpr const char* kQuestion = "sealed";
// Without a running home: for all of a list.
constexpr auto kPatience = std::chrono::minutes(5);

struct SealedList {
  std::vector<Bytes> sealed;
  GODWIT_WIRE_FIELDS(self.sealed)
};
// One of SealedReplies.
struct OneReply {
  std::optional<Bytes> bytes;
  GODWIT_WIRE_FIELDS(self.bytes)
};
struct Answer {
  std::vector<OneReply> replies;
  GODWIT_WIRE_FIELDS(self.replies)
};

bool is_bounded(const std::vector<Bytes>& sealed) {
  size_t bytes = 0;
  for (const Bytes& each : sealed) bytes += each.size();
  return sealed.size() <= kQuestionRequestsMax && bytes <= kQuestionBytesMax;
}

// The home's answers without a network, on a store that nobody else uses.
Result<SealedReplies> answer_on_store(const Place& place, const Config& config, store::HomeStore& store,
                                      const std::vector<Bytes>& sealed) {
  crypto::SystemRandom random;
  auto keys = TRY(load_keys(place, config, random));
  Home home(std::move(keys), config.options, store, random);
  SealedDesk desk(home);
  std::optional<SealedReplies> replies;
  home.start(wall_clock());
  give_all(desk, sealed, wall_clock(), [&](SealedReplies all) { replies = std::move(all); });
  const auto end = std::chrono::steady_clock::now() + kPatience;
  while (!replies) {
    bool quiet = true;
    while (auto output = home.next_output()) {
      quiet = false;
      if (auto* answer = std::get_if<SealedAnswer>(&*output)) desk.take(std::move(*answer), wall_clock());
      if (const auto* stop = std::get_if<Stop>(&*output)) return stop->error;
    }
    home.store_ready(wall_clock());
    REQUIRE(std::chrono::steady_clock::now() < end, wire::kUnavailable, "home: the store does not answer");
    if (quiet) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return std::move(*replies);
}

}  // namespace

// ---- the desk -------------------------------------------------------------------------------------------------------

void SealedDesk::give(Bytes sealed, Instant now, std::function<void(Result<Bytes>)> answered) {
  waiting_.push_back({std::move(sealed), std::move(answered)});
  go_on(now);
}

void SealedDesk::take(SealedAnswer answer, Instant now) {
  const auto found = at_home_.find(answer.arrival);
  if (found == at_home_.end()) return;
  const auto answered = std::move(found->second);
  at_home_.erase(found);
  go_on(now);
  answered(std::move(answer.reply));
}

void SealedDesk::go_on(Instant now) {
  while (!waiting_.empty() && at_home_.size() < kAtOnce) {
    Waiting next = std::move(waiting_.front());
    waiting_.pop_front();
    const SealedArrivalId id{next_++};
    at_home_.emplace(id, std::move(next.answered));
    home_.sealed_arrived(id, std::move(next.sealed), now);
  }
}

void give_all(SealedDesk& desk, const std::vector<Bytes>& sealed, Instant now,
              std::function<void(SealedReplies)> done) {
  struct Gathered {
    SealedReplies replies;
    size_t left;
    std::function<void(SealedReplies)> done;
  };
  if (sealed.empty()) return done({});
  const auto gathered =
      std::make_shared<Gathered>(Gathered{SealedReplies(sealed.size()), sealed.size(), std::move(done)});
  for (size_t i = 0; i < sealed.size(); ++i) {
    desk.give(sealed[i], now, [gathered, i](Result<Bytes> reply) {
      if (reply) gathered->replies[i] = std::move(*reply);
      if (--gathered->left == 0) gathered->done(std::move(gathered->replies));
    });
  }
}

// ---- between programs -----------------------------------------------------------------------------------------------

Result<SealedReplies> answer_sealed(const Place& place, const Config& config, const std::vector<Bytes>& sealed) {
  REQUIRE(is_bounded(sealed), kBadRecord, "home: too many sealed requests at once");
  REQUIRE(nobody_to_ask(place, config).empty(), wire::kUnavailable, "home: a home on this folder has the store on NATS");
  auto store = open_store(place, config);
  if (store) return answer_on_store(place, config, **store, sealed);
  if (store.error().code != store::kLocked) return store.error();
  const Bytes question = codec::encoded(SealedList{sealed});
  const auto told = ask_owner(place, kQuestion, as_text(question));
  REQUIRE(told.has_value(), wire::kUnavailable, "home: the running home does not answer");
  auto answer = codec::decoded<Answer>(as_bytes(*told));
  const bool whole = answer && answer->replies.size() == sealed.size();
  REQUIRE(whole, wire::kUnavailable, "home: the running home answers nonsense");
  SealedReplies replies;
  for (OneReply& reply : answer->replies) replies.push_back(std::move(reply.bytes));
  return replies;
}

std::optional<SealedQuestion> take_sealed_question(const Place& place) {
  while (const auto asked = take_question(place, kQuestion, 2 * kQuestionBytesMax)) {
    auto list = codec::decoded<SealedList>(as_bytes(asked->text));
    if (list && is_bounded(list->sealed)) return SealedQuestion{asked->asker, std::move(list->sealed)};
  }
  return std::nullopt;
}

Status write_sealed_answer(const Place& place, const std::string& asker, const SealedReplies& replies) {
  Answer answer;
  for (const auto& reply : replies) answer.replies.push_back({reply});
  return answer_question(place, kQuestion, asker, as_text(codec::encoded(answer)));
}

}  // namespace godwit::home
