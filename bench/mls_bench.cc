// What MLS costs in computing and in bytes, by the size of the group and the suite (see mls_group.h for what each figure
// is), and messages of 1 KiB between two members of each. Beside it, in the same run, the bare primitives that none of it
// can do without: Ed25519 over 1 KiB with ChaCha20-Poly1305, a verification of 256 bytes (a leaf node), an HPKE seal of a
// path secret under 256 bytes of info (an encoded GroupContext).

#include <cstdio>
#include <deque>
#include <memory>

#include "bench/mls_group.h"
#include "bench/rates.h"
#include "bench/report.h"
#include "crypto/aead.h"
#include "crypto/random_sources.h"

namespace godwit::bench {
namespace {

constexpr size_t kMessageSize = 1024;

// One suite, and the sizes of group that it is measured with.
struct Series {
  std::string name;
  const mls::CipherSuite* suite;
  std::vector<int> sizes;
  std::vector<std::shared_ptr<MlsGroup>> groups = {};
};

// One figure over all sizes.
struct Line {
  std::string key;
  std::string label;
  double GroupCosts::* value;
  double scale;  ///< Into the unit of the label.
  double goal;   ///< At 1,000 members in suite 0x0003; 0: none.
};

const std::vector<Line> kLines = {
    {"create_and_add_ms", "create + add all, ms", &GroupCosts::create_and_add, 1e3, 0},
    {"join_ms", "join, ms", &GroupCosts::join, 1e3, 60},
    {"first_commit_ms", "first path commit, ms", &GroupCosts::first_commit, 1e3, 80},
    {"warm_commit_ms", "warm commit, ms", &GroupCosts::warm_commit, 1e3, 5},
    {"process_ms", "process a warm commit, ms", &GroupCosts::process, 1e3, 5},
    {"welcome_bytes", "a joiner's Welcome, B", &GroupCosts::welcome_bytes, 1, 2048},
    {"tree_bytes", "tree by reference, B", &GroupCosts::tree_bytes, 1, 0},
    {"first_commit_bytes", "first path commit, B", &GroupCosts::first_commit_bytes, 1, 0},
    {"warm_commit_bytes", "warm commit, B", &GroupCosts::warm_commit_bytes, 1, 0},
    {"state_bytes", "state written per message, B", &GroupCosts::state_bytes, 1, 0},
};

std::string suffix(const Series& series, int members) { return "_" + series.name + "_" + std::to_string(members); }

// Encrypting and decrypting 1 KiB between two members, as PrivateMessages padded to a bucket (2,048 bytes).
void add_message_tasks(std::vector<Task>& tasks, const std::string& name, const std::shared_ptr<MlsGroup>& group) {
  auto random = std::make_shared<crypto::SeededRandom>(11);
  auto waiting = std::make_shared<std::deque<Bytes>>();
  const Bytes text(kMessageSize, 'x');
  tasks.push_back(
      {"encrypt_per_s" + name, "", [=] { ASSERT(group->committer.protect(text, {}, *random).has_value()); }});
  tasks.push_back({"decrypt_per_s" + name, "",
                   [=] {
                     ASSERT(group->committer.process(waiting->front(), kMlsNow).has_value());
                     waiting->pop_front();
                   },
                   [=](size_t count) {
                     for (size_t i = 0; i < count; ++i) {
                       auto message = group->neighbour.protect(text, {}, *random);
                       ASSERT(message.has_value());
                       waiting->push_back(std::move(message).value());
                     }
                   }});
}

// The floors.
void add_baseline_tasks(std::vector<Task>& tasks, const mls::CipherSuite& suite) {
  auto random = std::make_shared<crypto::SeededRandom>(12);
  const Bytes text(kMessageSize, 'x');
  auto aead_key = std::make_shared<crypto::AeadKey>(crypto::AeadKey::random(*random));
  auto key = std::make_shared<crypto::Ed25519KeyPair>(crypto::Ed25519KeyPair::generate(*random));
  const crypto::AeadNonce nonce{};
  const Bytes sealed = crypto::aead_seal(*aead_key, nonce, {}, text);
  const crypto::Ed25519Signature signature = key->sign(text);
  const Bytes small(256, 'x');
  const crypto::Ed25519Signature small_signature = key->sign(small);
  const Bytes hpke_key = mls::HpkeKeyPair::generate(suite, *random).public_key;
  const Bytes path_secret(suite.hash_size());
  tasks.push_back({"seal_and_sign", "", [=] {
                     (void)key->sign(text);
                     (void)crypto::aead_seal(*aead_key, nonce, {}, text);
                   }});
  tasks.push_back({"open_and_verify", "", [=] {
                     ASSERT(crypto::aead_open(*aead_key, nonce, {}, sealed).has_value());
                     ASSERT(crypto::ed25519_verify(key->public_key, text, signature).has_value());
                   }});
  tasks.push_back(
      {"verify", "", [=] { ASSERT(crypto::ed25519_verify(key->public_key, small, small_signature).has_value()); }});
  tasks.push_back({"hpke_seal", "", [=, &suite] {
                     ASSERT(crypto::hpke_seal(suite.hpke(), hpke_key, small, {}, path_secret, *random).has_value());
                   }});
}

std::string row(const std::string& label, const std::vector<std::string>& cells, const std::string& note) {
  std::string out = "    " + label;
  out.resize(std::max<size_t>(out.size(), 34), ' ');
  for (const std::string& cell : cells) out += std::string(cell.size() < 11 ? 11 - cell.size() : 1, ' ') + cell;
  return note.empty() ? out : out + "   " + note;
}

// "goal 60, held", and what a thousand members' figure is in bare primitives.
std::string note_of(const Line& line, const Series& series, const std::vector<Task>& tasks) {
  std::string out;
  for (size_t i = 0; i < series.sizes.size(); ++i) {
    if (series.sizes[i] != 1000) continue;
    const double value = series.groups[i]->costs.*line.value * line.scale;
    if (line.goal > 0) out = "goal " + print_number(line.goal) + (value <= line.goal ? ", held" : ", MISSED");
    const double seconds = value / line.scale;
    if (line.key == "join_ms") out += "; " + times(seconds, 1000 / rate_of(tasks, "verify"), "1,000 verifications");
    if (line.key == "first_commit_ms")
      out += "; " + times(seconds, 999 / rate_of(tasks, "hpke_seal"), "999 HPKE seals");
    if (line.key == "warm_commit_ms") out += "; " + times(seconds, 1 / rate_of(tasks, "hpke_seal"), "HPKE seal");
    if (line.key == "process_ms") out += "; " + times(seconds, 1 / rate_of(tasks, "verify"), "verification");
  }
  return out;
}

void report_rates(Report& report, const Series& series, const std::vector<Task>& tasks, const std::string& key,
                  const std::string& label, double goal, const std::string& floor) {
  std::vector<std::string> cells;
  std::string note;
  for (const int size : series.sizes) {
    const double rate = rate_of(tasks, key + suffix(series, size));
    report.add_hidden(key + suffix(series, size), rate);
    cells.push_back(print_number(rate));
    if (size != 1000) continue;
    note = "goal " + print_number(goal) + (rate >= goal ? ", held" : ", MISSED") + "; " +
           times(rate, rate_of(tasks, floor), "bare");
  }
  report.line(row(label, cells, note));
}

void report_series(Report& report, const Series& series, const std::vector<Task>& tasks) {
  std::vector<std::string> heads;
  for (const int size : series.sizes) heads.push_back(print_number(size));
  report.line(row(series.name + ", members:", heads, ""));
  for (const Line& line : kLines) {
    std::vector<std::string> cells;
    for (size_t i = 0; i < series.sizes.size(); ++i) {
      const double value = series.groups[i]->costs.*line.value * line.scale;
      report.add_hidden(line.key + suffix(series, series.sizes[i]), value);
      cells.push_back(print_number(value));
    }
    report.line(row(line.label, cells, note_of(line, series, tasks)));
  }
  report_rates(report, series, tasks, "encrypt_per_s", "encrypt 1 KiB, /s", 25'000, "seal_and_sign");
  report_rates(report, series, tasks, "decrypt_per_s", "decrypt 1 KiB, /s", 15'000, "open_and_verify");
}

int run(const Options& options) {
  ASSERT(crypto::initialise());
  crypto::SeededRandom random(10);
  Series all[] = {{"0x0003", &mls::suite_0x0003(), {2, 10, 100, 1000, 2000, 6000}},
                  {"xwing", &mls::suite_xwing(), {2, 10, 100}}};
  std::vector<Task> tasks;
  add_baseline_tasks(tasks, mls::suite_0x0003());
  for (Series& series : all) {
    for (const int size : series.sizes) {
      series.groups.push_back(std::make_shared<MlsGroup>(measure_group(*series.suite, size, random)));
      add_message_tasks(tasks, suffix(series, size), series.groups.back());
    }
  }
  measure_rates(tasks, options.seconds > 0 ? options.seconds : 10);

  Report report("mls", "MLS by size of group, on one core (processor time; medians up to 1,000)");
  for (const Series& series : all) report_series(report, series, tasks);
  report.heading("bare primitives");
  report.add("seal_and_sign_per_s", "ChaCha20-Poly1305 + Ed25519 sign, 1 KiB", rate_of(tasks, "seal_and_sign"), "/s");
  report.add("open_and_verify_per_s", "ChaCha20-Poly1305 + Ed25519 verify, 1 KiB", rate_of(tasks, "open_and_verify"),
             "/s");
  report.add("verify_per_s", "Ed25519 verify, 256 B", rate_of(tasks, "verify"), "/s");
  report.add("hpke_seal_per_s", "HPKE seal of a path secret, suite 0x0003", rate_of(tasks, "hpke_seal"), "/s");
  report.remark(
      "Warm: a random sixteenth of the members has committed. Join: all checks of the tree, not its transport. Create +");
  report.remark(
      "add: key packages parsed and checked, no path. State: of a message that is not its sender's first of the epoch.");
  report.remark(
      "Elsewhere on such a machine at 1,000 members in 0x0003, MLS++ / OpenMLS: create + add 1,107 / 809 ms, join");
  report.remark(
      "113 / 119, first path commit 107 / 113, warm 13 / 20, process 15-17 / 10.5, encrypt 9,200 / 607 per s,");
  report.remark("decrypt 4,200 / 680 per s, Welcome 316 / 347 kB.");
  return report.finish(options) ? 0 : 1;
}

}  // namespace
}  // namespace godwit::bench

int main(int argc, char** argv) {
  return godwit::bench::run(godwit::bench::parse_options(argc, argv, "MLS by size of group: time and bytes"));
}
