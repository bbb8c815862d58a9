// What happens in a world, in its order. Chance decides everything but these steps.

#include "engine/errors.h"
#include "sim/world.h"
#include "wire/home_link.h"

namespace godwit::sim {
namespace {

constexpr Duration kPatience = minutes(20);
constexpr int kTriesMax = 40;

Weather bad_weather(Random& random) {
  Weather weather;
  weather.delay_max = milliseconds(static_cast<int64_t>(20 + random.below(600)));
  weather.lose = static_cast<uint32_t>(random.below(15'000));
  weather.twice = static_cast<uint32_t>(random.below(15'000));
  weather.disconnect = static_cast<uint32_t>(random.below(40'000));
  weather.silence = static_cast<uint32_t>(random.below(8'000));
  weather.replay = static_cast<uint32_t>(random.below(15'000));
  return weather;
}

}  // namespace

bool World::new_account(ClientParty& person) {
  wire::HomeLink link;
  link.home.key.value = home_.key();
  link.home.routes = {"wss://home.example/ws", "bridge://bridge.example/ws"};
  link.admission_code = home_.admission_code();
  const std::string text = wire::to_text(link);
  for (int i = 0; i < kTriesMax; ++i) {
    const auto answer = ask(person, engine::NewAccount{person.name(), text});
    if (answer && (*answer || answer->error().code == engine::kAccountExists)) return true;
    if (!failure_.empty()) return false;
  }
  return fail(person.name() + " gets no account");
}

void World::make_accounts() {
  for (auto& person : people_) {
    if (!new_account(*person)) return;
    log(person->name() + " has an account");
  }
}

std::optional<std::string> World::make_invite(ClientParty& person) {
  for (int i = 0; i < kTriesMax && failure_.empty(); ++i) {
    const auto answer = ask(person, engine::MakeInvite{});
    if (answer && *answer) return std::get<engine::InviteMade>(**answer).link;
  }
  fail(person.name() + " cannot make an invite");
  return std::nullopt;
}

bool World::add_contact(Pair& pair, const std::string& link) {
  ClientParty& taker = *people_[pair.b];
  for (int i = 0; i < kTriesMax && failure_.empty(); ++i) {
    const auto answer = ask(taker, engine::AddContact{link});
    if (answer && (*answer || answer->error().code == engine::kLinkKnown)) return true;
    if (answer) log(taker.name() + " cannot add: " + answer->error().code.name);
  }
  return fail(taker.name() + " cannot take the invite of " + people_[pair.a]->name());
}

/// Two people meet: bad weather from the second pair on, so that meeting is tried in it as well.
void World::meet(Pair& pair) {
  if (&pair != &pairs_.front()) {
    network_.set_weather(bad_weather(random_));
    faults_ = true;
    crash_somebody();
  }
  const auto link = make_invite(*people_[pair.a]);
  if (!link || !add_contact(pair, *link)) return;
  const auto inviter_sees_it = [&]() -> bool {
    const auto of_taker = chats_of(*people_[pair.b]);
    const auto of_inviter = chats_of(*people_[pair.a]);
    for (const auto& mine : of_inviter) {
      for (const auto& theirs : of_taker) {
        if (mine.chat != theirs.chat) continue;
        pair.chat = mine.chat;
        return true;
      }
    }
    return false;
  };
  for (int i = 0; i < 200 && failure_.empty(); ++i) {
    if (inviter_sees_it()) {
      pair.together = true;
      log(people_[pair.a]->name() + " and " + people_[pair.b]->name() + " have met");
      return;
    }
    run_until([] { return false; }, seconds(5));
  }
  fail("the welcome never arrives");
}

/// Somebody dies, at an operation on his store or between two.
void World::crash_somebody() {
  const uint64_t who = random_.below(kPeople + 1);
  if (who == kPeople) {
    log("home dies");
    home_.crash();
  } else {
    log(people_[who]->name() + " dies");
    people_[who]->crash();
  }
}

/// The censor thinks of something else: for the direct way, and seldom for the bridge as well.
void World::censor() {
  network_.lift_blocks();
  const auto think = [this] {
    Block block;
    switch (random_.below(5)) {
      case 0:
        block.gone = true;
        break;
      case 1:
        block.mute = true;
        break;
      case 2:
        block.name_reset = 1'000'000;
        break;
      default:
        block.budget = static_cast<uint32_t>(25 + random_.below(16));
        break;
    }
    return block;
  };
  if (random_.below(4) == 0) return log("the censor rests");
  blocked_ = true;
  const Block direct = think();
  network_.set_block("home.example", direct);
  Block bridge;
  if (random_.below(3) == 0) bridge.budget = static_cast<uint32_t>(25 + random_.below(16));
  network_.set_block("bridge.example", bridge);
  log("the censor blocks the direct way" + std::string(direct.budget > 0 ? " by a curtain" : "") +
      (bridge.budget > 0 ? ", and curtains the bridge" : ""));
}

void World::say(Pair& pair, bool by_a) {
  ClientParty& speaker = *people_[by_a ? pair.a : pair.b];
  if (!speaker.alive()) return;
  auto& said = pair.said[by_a ? 0 : 1];
  std::string text = speaker.name() + " " + std::to_string(++said_);
  // Some are larger than a bucket, a few many times so.
  if (random_.below(12) == 0) text += std::string(random_.below(random_.below(5) == 0 ? 60'000 : 9'000), 'x');
  const size_t place = said.size();
  said.push_back({text, false});
  speaker.command(engine::SendText{pair.chat, text}, [&said, place](const Result<engine::Answer>& answer) {
    if (answer) said[place].acknowledged = true;
  });
}

void World::talk() {
  faults_ = true;
  for (auto& person : people_) {
    if (random_.below(2) == 0) person->crash();
  }
  for (int turn = 0; turn < 6 && failure_.empty(); ++turn) {
    if (turn % 3 == 0) network_.set_weather(bad_weather(random_));
    if (random_.below(6) == 0) censor();
    Pair& pair = pairs_[random_.below(pairs_.size())];
    const bool by_a = random_.below(2) == 0;
    const uint64_t burst = 1 + random_.below(3);
    for (uint64_t i = 0; i < burst; ++i) say(pair, by_a);
    if (random_.below(6) == 0) crash_somebody();
    if (random_.below(8) == 0) network_.break_all();
    const auto pause = milliseconds(static_cast<int64_t>(random_.below(3'000)));
    run_until([] { return false; }, pause);
  }
}

/// Both refresh their keys at the same moment, until one append has lost.
void World::race(Pair& pair) {
  ClientParty& a = *people_[pair.a];
  ClientParty& b = *people_[pair.b];
  const auto conflicts = [&] { return a.counters().epoch_conflicts + b.counters().epoch_conflicts; };
  const uint64_t before = conflicts();
  for (int i = 0; i < 6 && conflicts() == before && failure_.empty(); ++i) {
    if (!run_until([&] { return a.alive() && b.alive(); }, kPatience)) return;
    auto answers = std::make_shared<int>(0);
    const uint64_t lives = a.crashes() + b.crashes();
    for (ClientParty* person : {&a, &b}) {
      person->command(engine::RefreshKeys{pair.chat}, [answers](const Result<engine::Answer>&) { ++*answers; });
    }
    if (random_.below(3) == 0) say(pair, true);
    run_until([&] { return *answers == 2 || a.crashes() + b.crashes() != lives; }, minutes(2));
  }
}

/// The network goes away for a moment and comes back: sessions return by their tickets.
void World::reconnect() {
  network_.set_weather(Weather{});
  network_.lift_blocks();
  run_until([] { return false; }, seconds(30));
  network_.break_all();
  for (auto& pair : pairs_) say(pair, random_.below(2) == 0);
  run_until([] { return false; }, seconds(30));
}

/// Fair weather, nobody dies any more: what was promised has to come true now.
void World::settle() {
  faults_ = false;
  network_.set_weather(Weather{});
  home_.crash();
  for (auto& person : people_) person->crash();
  const auto everybody_idle = [&] {
    if (!home_.alive()) return false;
    for (auto& person : people_) {
      if (!person->idle()) return false;
    }
    return true;
  };
  for (int quiet = 0; quiet < 3 && failure_.empty();) {
    if (!run_until(everybody_idle, minutes(60))) {
      fail("it never comes to rest");
      return;
    }
    run_until([] { return false; }, seconds(20));  // what was on its way to somebody arrives and is answered
    quiet = everybody_idle() ? quiet + 1 : 0;
  }
  log("all is quiet");
}

}  // namespace godwit::sim
