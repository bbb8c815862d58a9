// A new device of an account with a long history: from the person's yes until all of it is there, and how far it is at a tenth and
// at a half. Both devices and their home run in this process, on one core, over pipes without delay and with a clock that jumps: so
// it is the work that is timed. Beside it what saying and hearing one such message took.

#include <algorithm>
#include <cstdio>
#include <string>

#include "base/assert.h"
#include "bench/rates.h"
#include "bench/report.h"
#include "tests/engine/world.h"

namespace godwit::bench {
namespace {

using testworld::Person;
using testworld::World;

constexpr int kAtOnce = 50;

template <typename Answer>
Answer ask(Person& person, engine::Command command) {
  auto answer = person.ask(std::move(command));
  if (!answer) std::fprintf(stderr, "bench_linking: %s\n", answer.error().code.name);
  ASSERT(answer.has_value());
  return std::get<Answer>(std::move(*answer));
}

template <typename T>
const T* last_notice(const Person& person) {
  for (auto at = person.notices.rbegin(); at != person.notices.rend(); ++at) {
    if (const auto* found = std::get_if<T>(&*at)) return found;
  }
  return nullptr;
}

/// The two talk until there are so many messages; seconds of the core.
double talk(World& world, Person& anna, Person& boris, const engine::ChatId& chat, int messages) {
  const double start = thread_seconds();
  for (int said = 0; said < messages; said += kAtOnce) {
    Person& speaker = said / kAtOnce % 2 == 0 ? anna : boris;
    for (int i = said; i < std::min(messages, said + kAtOnce); ++i) {
      speaker.give(
          engine::SendText{chat, "message " + std::to_string(i) + ": the train leaves at nine, bring the letter"});
    }
    world.pass(seconds(20));
    anna.notices.clear();
    boris.notices.clear();
    if (said % 10'000 == 0 && said > 0) std::fprintf(stderr, "bench_linking: %d of %d messages said\n", said, messages);
  }
  world.settle();
  return thread_seconds() - start;
}

/// How many messages of the chat a device has.
uint64_t count_of(Person& person, const engine::ChatId& chat) {
  uint64_t count = 0;
  std::optional<engine::Position> before;
  while (true) {
    const auto answer = person.ask(engine::ReadHistory{chat, before, 200});
    if (!answer) return count;
    const auto& messages = std::get<engine::Messages>(*answer).messages;
    if (messages.empty()) return count;
    count += messages.size();
    before = messages.front().position;
  }
}

int main_linking(const Options& options) {
  ASSERT(crypto::initialise());
  Report report("bench_linking",
                "linking a device to an account with a long history, all programs and their home on one core");
  World world;
  Person& phone = world.add();
  Person& boris = world.add();
  world.meet(phone, boris);
  const engine::ChatId chat = phone.chat().chat;
  const double talked = talk(world, phone, boris, chat, options.messages);
  const double each = talked / options.messages;
  report.add("message_ms", "saying one message and hearing it", each * 1e3, "ms");

  Person& laptop = world.add();
  const auto offered = ask<engine::LinkingOffered>(phone, engine::StartLinking{});
  laptop.give(engine::LinkDevice{"Laptop", offered.link, {}, {}});
  ASSERT(world.run_until([&] { return last_notice<engine::DeviceAsks>(phone) != nullptr; }));
  const double start = thread_seconds();
  phone.give(engine::ConfirmLinking{true});
  // The parcels are counted by what the new device stores.
  const size_t before = laptop.bytes_received;
  struct Mark {
    double seconds = 0;
    double bytes = 0;
  };
  Mark tenth;
  Mark half;
  uint64_t got = 0;
  size_t looked = before;
  const auto whole = static_cast<uint64_t>(options.messages);
  double aside = 0;  // looking is not linking
  ASSERT(world.run_until(
      [&] {
        if (laptop.bytes_received - looked < 256 * 1024 && got + 1 < whole * 9 / 10) return false;
        looked = laptop.bytes_received;
        const double began = thread_seconds();
        got = count_of(laptop, chat);
        const double now = began - start - aside;
        const Mark here{now, static_cast<double>(looked - before)};
        if (tenth.bytes == 0 && got >= whole / 10) tenth = here;
        if (half.bytes == 0 && got >= whole / 2) half = here;
        const bool done = got >= whole;
        aside += thread_seconds() - began;
        return done;
      },
      hours(24)));
  const double all = thread_seconds() - start - aside;
  report.add("linked_10_s", "until a tenth of it is there", tenth.seconds, "s");
  report.add("received_10_bytes", "bytes down by then", tenth.bytes, "bytes");
  report.add("linked_50_s", "until a half", half.seconds, "s");
  report.add("received_50_bytes", "bytes down by then", half.bytes, "bytes");
  report.add("linked_100_s", "until all", all, "s", times(all / options.messages, each, "saying, for each message"));
  report.add("received_100_bytes", "bytes down by then", static_cast<double>(laptop.bytes_received - before), "bytes");
  report.remark(
      "Of " + std::to_string(options.messages) +
      " messages; --messages 10000 takes less. Files do not move: " "they are fetched from the home while it has "
                                                                    "them.");
  return report.finish(options) ? 0 : 1;
}

}  // namespace
}  // namespace godwit::bench

int main(int argc, char** argv) {
  return godwit::bench::main_linking(
      godwit::bench::parse_options(argc, argv, "linking a device to an account with a long history"));
}
