// The history of a device: a large export of WhatsApp is imported through the engine into its store on the disk, and all of it
// is searched. Beside it what it would take without: reading the export alone, and looking into every text for each search.
// Ends with 1 if a search takes too long.

#include <algorithm>
#include <cstdio>
#include <functional>
#include <memory>
#include <optional>

#include "base/assert.h"
#include "bench/rates.h"
#include "bench/report.h"
#include "bench/temporary_folder.h"
#include "crypto/random_sources.h"
#include "engine/engine.h"
#include "engine/search_words.h"
#include "imports/whatsapp_reader.h"
#include "store/sqlite_client_store.h"

namespace godwit::bench {
namespace {

constexpr uint64_t kImported = 200'000;
constexpr size_t kBatch = 1000;
constexpr double kSearchMsMax = 100;  // at most, as the median of several

/// An engine without a network on a store of its own.
class Device {
 public:
  explicit Device(const std::string& folder) {
    auto opened = store::open_sqlite(folder);
    ASSERT(opened.has_value());
    store_ = std::move(*opened);
    engine_ = std::make_unique<engine::Engine>(engine::StorageKey(), engine::Options{}, random_);
    engine_->start(now());
    run();
  }
  template <typename Answer>
  Answer ask(engine::Command command) {
    answer_.reset();
    engine_->handle_command(engine::CommandId{++last_}, std::move(command), now());
    run();
    ASSERT(answer_.has_value());
    return std::get<Answer>(std::move(*answer_));
  }

 private:
  static Instant now() { return Instant{static_cast<int64_t>(steady_seconds() * 1000)}; }
  void run() {
    while (auto effect = engine_->next_effect()) {
      if (auto* batch = std::get_if<engine::StoreBatch>(&*effect)) {
        std::vector<store::Change> changes;
        for (auto& each : batch->changes) changes.push_back({std::move(each.key), std::move(each.value)});
        ASSERT(store_->write(changes).has_value());
        engine_->handle_event(engine::BatchStored{batch->batch}, now());
      } else if (const auto* load = std::get_if<engine::LoadRecords>(&*effect)) {
        auto records = store_->range(load->first, load->last, load->count_max, load->backwards);
        ASSERT(records.has_value());
        engine_->handle_event(engine::RecordsLoaded{load->load, std::move(*records)}, now());
      } else if (auto* tell = std::get_if<engine::Tell>(&*effect)) {
        if (auto* done = std::get_if<engine::CommandDone>(&tell->notice)) answer_ = std::move(done->answer);
      }
    }
  }
  crypto::SystemRandom random_;
  std::unique_ptr<store::ClientStore> store_;
  std::unique_ptr<engine::Engine> engine_;
  std::optional<engine::Answer> answer_;
  uint64_t last_ = 0;
};

/// An export of so many messages of two people who have a few thousand words, some of them rare.
std::string make_export(uint64_t messages) {
  static const char* const kWords[] = {"tomorrow", "garden",  "дом",     "собака", "train", "letter",
                                       "picture",  "evening", "работа",  "coffee", "river", "погода",
                                       "music",    "ticket",  "morning", "kitchen"};
  uint64_t seed = 7;
  const auto dice = [&](uint64_t sides) {
    seed = seed * 6364136223846793005U + 1442695040888963407U;
    return (seed >> 33) % sides;
  };
  std::string out;
  for (uint64_t i = 0; i < messages; ++i) {
    char head[64];
    std::snprintf(head, sizeof head, "%02u/%02u/%02u, %02u:%02u - %s: ", static_cast<unsigned>(i / 1440 / 13 % 28 + 1),
                  static_cast<unsigned>(i / 1440 / 13 / 28 % 12 + 1),
                  static_cast<unsigned>(15 + i / 1440 / 13 / 336 % 10), static_cast<unsigned>(i / 60 % 24),
                  static_cast<unsigned>(i % 60), i % 3 == 0 ? "Anna" : "Boris");
    out += head;
    for (uint64_t word = 3 + dice(12); word > 0; --word) {
      out += dice(4) == 0 ? "w" + std::to_string(dice(20'000)) : std::string(kWords[dice(16)]);
      out += ' ';
    }
    out += "n" + std::to_string(i) + "\n";
  }
  return out;
}

// Reads the export; gives each message to `take`.
void read_export(const std::string& text, const std::function<void(imports::ImportedMessage)>& take) {
  imports::WhatsAppSurvey survey;
  survey.feed(as_bytes(text));
  const auto form = survey.finish();
  ASSERT(form.has_value());
  imports::ImportSink sink;
  sink.message = [&](imports::ImportedMessage message) { return take(std::move(message)), Status{}; };
  imports::WhatsAppReader reader(*form, sink);
  ASSERT(reader.feed(as_bytes(text)).has_value() && reader.finish().has_value());
}

// Imports it; gives how many are stored.
uint64_t import_into(Device& device, const std::string& text) {
  engine::ImportMessages batch{"whatsapp Anna", "Anna", std::nullopt, {}};
  uint64_t stored = 0;
  const auto flush = [&] {
    if (batch.messages.empty()) return;
    stored += device.ask<engine::ImportDone>(batch).stored;
    batch.messages.clear();
  };
  read_export(text, [&](imports::ImportedMessage message) {
    engine::ImportEntry entry;
    entry.sender = std::move(message.sender);
    entry.sent_at = Instant{message.time_ms};
    entry.text = std::move(message.text);
    batch.messages.push_back(std::move(entry));
    if (batch.messages.size() == kBatch) flush();
  });
  flush();
  return stored;
}

// Milliseconds of a search, the median of several.
double search_ms(Device& device, const std::string& query, size_t found) {
  std::vector<double> times_ms;
  for (int round = 0; round < 7; ++round) {
    engine::SearchMessages command;
    command.query = query;
    const double start = thread_seconds();
    const auto results = device.ask<engine::SearchResults>(command);
    times_ms.push_back((thread_seconds() - start) * 1000);
    ASSERT(results.messages.size() == found);
  }
  return quantile(times_ms, 0.5);
}

double look_ms(const std::vector<std::string>& texts, const std::string& query) {
  const engine::SearchQuery parsed = engine::parse_query(query);
  const double start = thread_seconds();
  size_t found = 0;
  for (const std::string& each : texts) found += size_t{engine::fits_query(parsed, each)};
  ASSERT(found > 0);
  return (thread_seconds() - start) * 1000;
}

// The slowest search.
double measure_search(Report& report) {
  TemporaryFolder folder;
  Device device(folder.path() + "/profile");
  const std::string text = make_export(100'000);
  std::vector<std::string> texts;
  read_export(text, [&](imports::ImportedMessage message) { texts.push_back(std::move(message.text)); });
  ASSERT(import_into(device, text) == 100'000);
  const double look = look_ms(texts, "n50000");
  report.heading("search in 100,000 messages");
  report.add("look_ms", "looking into every text, in memory", look, "ms", "baseline");
  double slowest = 0;
  const auto row = [&](const char* key, const char* label, const std::string& query, size_t found) {
    const double took = search_ms(device, query, found);
    report.add(key, label, took, "ms", times(took, look, "looking"));
    slowest = std::max(slowest, took);
  };
  row("search_rare_ms", "a word that one message has", "n50000 ", 1);
  row("search_common_ms", "two words that thousands have, the newest 20", "garden собаки ", 20);
  row("search_unfinished_ms", "an unfinished word", "gard", 20);
  row("search_phrase_ms", "a phrase of two common words", "\"evening coffee\"", 20);
  return slowest;
}

int run(const Options& options) {
  ASSERT(crypto::initialise());
  Report report("history", "import and search of histories: engine and SQLite on the disk, processor time of one core");
  const std::string text = make_export(kImported);
  const double read_start = thread_seconds();
  uint64_t read = 0;
  read_export(text, [&](const imports::ImportedMessage&) { ++read; });
  const double read_seconds = thread_seconds() - read_start;
  ASSERT(read == kImported);
  TemporaryFolder folder;
  Device device(folder.path() + "/profile");
  const double start = thread_seconds();
  const double clock_start = steady_seconds();
  ASSERT(import_into(device, text) == kImported);
  const double stored_seconds = thread_seconds() - start;
  const double clock_seconds = steady_seconds() - clock_start;
  const double again_start = thread_seconds();
  ASSERT(import_into(device, text) == 0);
  const double again_seconds = thread_seconds() - again_start;
  report.heading("import of an export of 200,000 messages");
  report.add("read_s", "read only", read_seconds, "s", "baseline");
  report.add("import_s", "stored and indexed", stored_seconds, "s", times(stored_seconds, read_seconds, "reading"));
  report.add("import_clock_s", "the same by the clock, with the disk", clock_seconds, "s");
  report.add("import_again_s", "the same again: all are known", again_seconds, "s",
             times(again_seconds, read_seconds, "reading"));
  const bool fast = measure_search(report) <= kSearchMsMax;
  if (!fast) report.remark("FAILED: a search takes more than 100 ms.");
  if (folder.is_in_memory()) report.remark(kInMemory);
  return report.finish(options) && fast ? 0 : 1;
}

}  // namespace
}  // namespace godwit::bench

int main(int argc, char** argv) {
  return godwit::bench::run(godwit::bench::parse_options(argc, argv, "import and search of a device's history"));
}
