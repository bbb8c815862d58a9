// What must hold in every world, whatever happened.

#include <algorithm>
#include <set>

#include "sim/world.h"

namespace godwit::sim {

/// Every acknowledged message arrives exactly once, in the sender's order.
void World::check_messages(Pair& pair) {
  check_direction(pair, true);
  check_direction(pair, false);
}

std::string World::delivery_of(ClientParty& person, engine::ChatId chat, const std::string& text) {
  const auto answer = ask(person, engine::ReadHistory{chat, std::nullopt, 10'000});
  if (!answer || !*answer) return "unknown";
  for (const auto& message : std::get<engine::Messages>(**answer).messages) {
    if (!message.own || message.text != text) continue;
    static constexpr const char* kNames[] = {"nothing", "queued", "sent", "delivered", "read", "expired", "failed"};
    return kNames[static_cast<size_t>(message.delivery)];
  }
  return "unknown";
}

void World::check_direction(Pair& pair, bool by_a) {
  ClientParty& speaker = *people_[by_a ? pair.a : pair.b];
  ClientParty& listener = *people_[by_a ? pair.b : pair.a];
  const std::vector<std::string> heard = history(listener, pair.chat, false);
  const std::string who = speaker.name() + " to " + listener.name() + ": ";
  size_t place = 0;
  for (const Said& said : pair.said[by_a ? 0 : 1]) {
    const bool here = place < heard.size() && heard[place] == said.text;
    if (here) {
      ++place;
    } else if (said.acknowledged) {
      const bool later = std::find(heard.begin(), heard.end(), said.text) != heard.end();
      fail(who + (later ? "out of order or twice: " : "lost: ") + said.text.substr(0, 40) +
           ", which the sender has as " + delivery_of(speaker, pair.chat, said.text));
      return;
    }
  }
  if (place != heard.size()) fail(who + "more was heard than was said: " + heard[place].substr(0, 40));
}

/// Nothing is shown twice, in one life or over several.
void World::check_nothing_twice() {
  for (const auto& person : people_) {
    std::set<std::pair<engine::ChatId, std::string>> shown;
    for (const auto& seen : person->seen()) {
      if (!shown.emplace(seen.chat, seen.text).second) {
        fail(person->name() + " was shown twice: " + seen.text.substr(0, 40));
      }
    }
    for (const Error& trouble : person->troubles()) fail(person->name() + " was told of trouble: " + trouble.code.name);
  }
}

/// Both members of a chat are in the same epoch.
void World::check_epochs(Pair& pair) {
  std::vector<uint64_t> epochs;
  for (const size_t who : {pair.a, pair.b}) {
    for (const auto& chat : chats_of(*people_[who])) {
      if (chat.chat == pair.chat) epochs.push_back(chat.epoch);
    }
  }
  if (epochs.size() != 2 || epochs[0] != epochs[1]) {
    fail(people_[pair.a]->name() + " and " + people_[pair.b]->name() + " are in different epochs");
  }
}

}  // namespace godwit::sim
