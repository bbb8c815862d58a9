// Large groups: one message to everybody, and one more who comes in by a link. The engines of all members and the home of them
// all run in this process, on one core, over pipes without delay and with a clock that jumps: so it is the work that is timed.
// Beside it the same message in a chat of two.

#include <algorithm>
#include <cstdio>
#include <string>
#include <vector>

#include "base/assert.h"
#include "bench/rates.h"
#include "bench/report.h"
#include "tests/engine/world.h"

namespace godwit::bench {
namespace {

using testworld::Person;
using testworld::World;

// A home takes 30 strangers at once for one link, then one a minute, and asks more work of each as that fills: ten cost little.
constexpr size_t kJoinersPerLink = 10;
constexpr size_t kLinks = 8;  // of one device
constexpr int kMessages = 5;

/// What one message or one entrance took.
struct Taken {
  double seconds = 0;   ///< Of the core, until all had it.
  size_t sent = 0;      ///< Bytes by the one who speaks or comes.
  size_t received = 0;  ///< Bytes by him.
};

class Bench {
 public:
  Person& add() {
    Person& person = world.add();
    people.push_back(&person);
    ask<engine::AccountMade>(person, engine::NewAccount{"P" + std::to_string(people.size()), world.home_link()});
    return person;
  }

  template <typename Answer>
  static Answer ask(Person& person, engine::Command command) {
    auto answer = person.ask(std::move(command));
    if (!answer) std::fprintf(stderr, "bench_group: %s\n", answer.error().code.name);
    ASSERT(answer.has_value());
    return std::get<Answer>(std::move(*answer));
  }

  /// A group of `size` members: they come by links, as many at once as the home lets through.
  void grow(size_t size) {
    Person& owner = people.empty() ? add() : *people.front();
    if (links.empty()) {
      group = ask<engine::ChatMade>(owner, engine::NewGroup{"many", true}).chat.chat;
      for (size_t i = 0; i < kLinks; ++i) {
        links.push_back(ask<engine::GroupLinkMade>(owner, engine::MakeGroupLink{group, false, 0, 0}).text);
      }
    }
    while (people.size() < size) {
      const size_t before = people.size();
      for (size_t i = 0; i < kJoinersPerLink * kLinks && people.size() < size; ++i) {
        add().give(engine::JoinGroup{links[i % kLinks], ""});
      }
      std::fprintf(stderr, "bench_group: %zu of %zu members come in\n", people.size() - before, people.size());
      size_t in = before;
      ASSERT(world.run_until(
          [&] {
            while (in < people.size() && is_in(*people[in])) ++in;
            return in == people.size();
          },
          hours(3)));
      world.pass(hours(1));
      ASSERT(member_count(owner) == people.size());
    }
  }

  /// The first member says something, and the last one hears it.
  Taken say(const std::string& text) {
    Meter meter(*people.front());
    std::vector<bool> heard(people.size(), false);
    size_t missing = people.size() - 1;
    for (Person* person : people) person->notices.clear();
    const double start = thread_seconds();
    people.front()->give(engine::SendText{group, text});
    ASSERT(world.run_until([&] {
      for (size_t i = 1; i < people.size(); ++i) {
        if (heard[i] || !has_heard(*people[i], text)) continue;
        heard[i] = true;
        --missing;
      }
      return missing == 0;
    }));
    return meter.taken(thread_seconds() - start);
  }

  /// One more comes in by a link: until all see him, and he them.
  Taken enter() {
    Person& guest = add();
    world.settle();
    Meter meter(guest);
    const double start = thread_seconds();
    guest.give(engine::JoinGroup{links.front(), ""});
    ASSERT(world.run_until([&] { return is_in(guest); }, hours(3)));
    const Taken out = meter.taken(thread_seconds() - start);
    ASSERT(member_count(guest) == people.size());
    world.pass(hours(1));
    return out;
  }

  /// Two people with a chat of their own say something to each other.
  static Taken say_to_one() {
    Bench two;
    Person& alice = two.world.add();
    Person& bob = two.world.add();
    two.world.meet(alice, bob);
    two.people = {&alice, &bob};
    two.group = alice.chat().chat;
    return two.say("to one");
  }

  World world{1, home::Admission::kCode};
  std::vector<Person*> people;
  engine::ChatId group;

 private:
  // Counts what goes over the pipes of one person.
  class Meter {
   public:
    explicit Meter(Person& person) : person_(person), before_(person.bytes_received) {
      person_.on_effect = [this](const engine::Effect& effect) {
        if (const auto* send = std::get_if<engine::SendBytes>(&effect)) sent_ += send->bytes.size();
        if (const auto* open = std::get_if<engine::OpenPipe>(&effect)) sent_ += open->early.size();
      };
    }
    ~Meter() { person_.on_effect = {}; }
    Meter(const Meter&) = delete;
    Meter& operator=(const Meter&) = delete;
    Taken taken(double seconds) const { return {seconds, sent_, person_.bytes_received - before_}; }

   private:
    Person& person_;
    const size_t before_;
    size_t sent_ = 0;
  };

  static bool has_heard(const Person& person, const std::string& text) {
    return std::ranges::any_of(person.notices, [&](const engine::Notice& notice) {
      const auto* received = std::get_if<engine::MessageReceived>(&notice);
      return received != nullptr && received->message.text == text;
    });
  }
  size_t member_count(Person& person) {
    const auto answer = person.ask(engine::ListMembers{group});
    return answer ? std::get<engine::Members>(*answer).members.size() : 0;
  }
  bool is_in(const Person& person) const {
    return std::ranges::any_of(person.notices, [&](const engine::Notice& notice) {
      const auto* changed = std::get_if<engine::ChatChanged>(&notice);
      return changed != nullptr && changed->chat.chat == group;
    });
  }

  std::vector<std::string> links;
};

void measure(Report& report, size_t size, Bench& bench, const Taken& one) {
  const std::string name = std::to_string(size);
  const double start = thread_seconds();
  bench.grow(size);
  report.heading("a group of " + name);
  report.add("grow_" + name + "_s", "from the size before, all members", thread_seconds() - start, "s");
  std::vector<double> seconds;
  size_t sent = 0;
  for (int i = 0; i < kMessages; ++i) {
    const Taken taken = bench.say("message " + std::to_string(i));
    seconds.push_back(taken.seconds);
    sent = taken.sent;
    bench.world.settle();
  }
  const double median = quantile(seconds, 0.5);
  report.add("message_" + name + "_ms", "a message until the last has it", median * 1e3, "ms",
             times(median / static_cast<double>(size - 1), one.seconds, "to one, for each member"));
  report.add("message_" + name + "_sent_bytes", "bytes up", static_cast<double>(sent), "bytes",
             times(static_cast<double>(sent), static_cast<double>(one.sent), "to one"));
  const Taken entered = bench.enter();
  report.add("join_" + name + "_ms", "one more comes by a link, until he is in", entered.seconds * 1e3, "ms");
  report.add("join_" + name + "_received_bytes", "bytes down for him", static_cast<double>(entered.received), "bytes");
}

int main_group(const Options& options) {
  ASSERT(crypto::initialise());
  Report report("bench_group", "messages to large groups, all engines and their home on one core");
  const Taken one = Bench::say_to_one();
  report.add("message_1_ms", "a message in a chat of two", one.seconds * 1e3, "ms");
  report.add("message_1_sent_bytes", "bytes up", static_cast<double>(one.sent), "bytes");
  Bench bench;
  for (const size_t size : {size_t{100}, size_t{1000}, size_t{2000}}) {
    if (size <= static_cast<size_t>(options.members)) measure(report, size, bench, one);
  }
  report.remark("--members 2000 goes on to 2,000, and takes several times as long and as much memory.");
  return report.finish(options) ? 0 : 1;
}

}  // namespace
}  // namespace godwit::bench

int main(int argc, char** argv) {
  return godwit::bench::main_group(
      godwit::bench::parse_options(argc, argv, "messages to groups of 100, 1,000 and 2,000"));
}
