// What MLS costs in computing: encrypting and decrypting 1 KiB between two members, and commits with a path in groups of
// 2, 3, 10 and 100: made by one member, taken in by another. Beside it, in the same rounds, the bare primitives that such
// a message cannot do without: ChaCha20-Poly1305 and Ed25519 over 1 KiB.
//
// "filled" is a tree in which every member has committed once after joining; "fresh" one where all were added at once and
// nobody but the first has said anything: its commits encrypt to every leaf.

#include <algorithm>
#include <deque>
#include <memory>

#include "bench/rates.h"
#include "bench/report.h"
#include "crypto/aead.h"
#include "crypto/ed25519.h"
#include "crypto/random_sources.h"
#include "mls/group.h"

namespace godwit::bench {
namespace {

constexpr Instant kNow{1'750'000'000'000};
constexpr size_t kMessageSize = 1024;

// A group as two of its members hold it: the first one, and the last one who joined.
struct Pair {
  mls::Group first;
  mls::Group last;
};

mls::LeafParameters leaf(int number, Random& random) {
  return {.identity = to_bytes(as_bytes("member " + std::to_string(number))),
          .signature_key = crypto::Ed25519KeyPair::generate(random),
          .extensions = {},
          .supported = {}};
}

mls::KeyPackagePrivate key_package(int number, Random& random) {
  return mls::KeyPackagePrivate::generate(mls::suite_0x0003(), leaf(number, random), days(30), random, kNow);
}

mls::Group group_of_one(Random& random) {
  mls::GroupCreate create{
      .group_id = to_bytes(random.bytes<16>()), .leaf = leaf(0, random), .group_context_extensions = {}};
  auto group = mls::Group::create(mls::suite_0x0003(), create, random, kNow);
  ASSERT(group.has_value());
  return std::move(group).value();
}

mls::StagedCommit commit(mls::Group& group, const mls::CommitRequest& request, Random& random) {
  auto staged = group.stage_commit(request, random, kNow);
  ASSERT(staged.has_value());
  return std::move(staged).value();
}

mls::StagedCommit commit_adding(mls::Group& group, const std::vector<mls::KeyPackagePrivate>& joiners, Random& random) {
  mls::CommitRequest request;
  for (const mls::KeyPackagePrivate& joiner : joiners) {
    auto parsed = mls::KeyPackage::parse(mls::suite_0x0003(), joiner.encode_message(), kNow);
    ASSERT(parsed.has_value());
    request.add.push_back(std::move(parsed).value());
  }
  return commit(group, request, random);
}

mls::Group join(const mls::StagedCommit& staged, const mls::KeyPackagePrivate& joiner) {
  auto joined = mls::Group::join(mls::suites_default(), *staged.welcome, joiner, std::nullopt, kNow);
  ASSERT(joined.has_value());
  return std::move(joined).value();
}

// The group after `message`, which must be a commit.
mls::Group after(mls::Group& group, ByteView message) {
  auto processed = group.process(message, kNow);
  ASSERT(processed.has_value());
  auto* done = std::get_if<mls::CommitProcessed>(&*processed);
  ASSERT(done != nullptr && done->successor.has_value());
  return std::move(*done->successor);
}

Pair fresh_group(int members, Random& random) {
  mls::Group first = group_of_one(random);
  std::vector<mls::KeyPackagePrivate> joiners;
  for (int i = 1; i < members; ++i) joiners.push_back(key_package(i, random));
  mls::StagedCommit staged = commit_adding(first, joiners, random);
  mls::Group last = join(staged, joiners.back());
  return {std::move(staged.successor), std::move(last)};
}

// One after another joins and commits at once; only the first and the newest are carried on.
Pair filled_group(int members, Random& random) {
  mls::Group first = group_of_one(random);
  for (int i = 1;; ++i) {
    std::vector<mls::KeyPackagePrivate> joiners;
    joiners.push_back(key_package(i, random));
    mls::StagedCommit added = commit_adding(first, joiners, random);
    mls::Group newest = join(added, joiners.front());
    mls::StagedCommit refreshed = commit(newest, {}, random);
    first = after(added.successor, refreshed.commit);
    if (i + 1 == members) return {std::move(first), std::move(refreshed.successor)};
  }
}

// Two tasks over one group: its first member commits and goes on; the same, taken in by the last one.
void add_commit_tasks(std::vector<Task>& tasks, const std::string& name, Pair (*make)(int, Random&), int members,
                      Report& sizes) {
  auto random = std::make_shared<crypto::SeededRandom>(static_cast<uint64_t>(members));
  auto committing = std::make_shared<Pair>(make(members, *random));
  auto processing = std::make_shared<Pair>(make(members, *random));
  auto waiting = std::make_shared<std::deque<Bytes>>();
  const std::string suffix = "_" + name + "_" + std::to_string(members);
  const Bytes example = commit(committing->first, {}, *random).commit;
  sizes.add_hidden("commit" + suffix + "_bytes", static_cast<double>(example.size()));
  tasks.push_back({"commit" + suffix, print_number(static_cast<double>(example.size())) + " B",
                   [random, committing] { committing->first = commit(committing->first, {}, *random).successor; }});
  tasks.push_back({"process" + suffix, "",
                   [processing, waiting] {
                     processing->last = after(processing->last, waiting->front());
                     waiting->pop_front();
                   },
                   [random, processing, waiting](size_t count) {
                     for (size_t i = 0; i < count; ++i) {
                       mls::StagedCommit staged = commit(processing->first, {}, *random);
                       waiting->push_back(std::move(staged.commit));
                       processing->first = std::move(staged.successor);
                     }
                   }});
}

// Encrypting and decrypting 1 KiB between two members, as PrivateMessages padded to a bucket (2,048 bytes).
void add_message_tasks(std::vector<Task>& tasks) {
  auto random = std::make_shared<crypto::SeededRandom>(11);
  auto sender = std::make_shared<Pair>(filled_group(2, *random));
  auto receiver = std::make_shared<Pair>(filled_group(2, *random));
  auto waiting = std::make_shared<std::deque<Bytes>>();
  const Bytes text(kMessageSize, 'x');
  tasks.push_back(
      {"encrypt", "", [random, sender, text] { ASSERT(sender->first.protect(text, {}, *random).has_value()); }});
  tasks.push_back({"decrypt", "",
                   [receiver, waiting] {
                     ASSERT(receiver->last.process(waiting->front(), kNow).has_value());
                     waiting->pop_front();
                   },
                   [random, receiver, waiting, text](size_t count) {
                     for (size_t i = 0; i < count; ++i) {
                       auto message = receiver->first.protect(text, {}, *random);
                       ASSERT(message.has_value());
                       waiting->push_back(std::move(message).value());
                     }
                   }});
}

// The floor below encrypting and decrypting: one AEAD and one signature over the same 1 KiB.
void add_baseline_tasks(std::vector<Task>& tasks) {
  crypto::SeededRandom random(12);
  const Bytes text(kMessageSize, 'x');
  auto aead_key = std::make_shared<crypto::AeadKey>(crypto::AeadKey::random(random));
  auto key = std::make_shared<crypto::Ed25519KeyPair>(crypto::Ed25519KeyPair::generate(random));
  const crypto::AeadNonce nonce{};
  const Bytes sealed = crypto::aead_seal(*aead_key, nonce, {}, text);
  const crypto::Ed25519Signature signature = key->sign(text);
  tasks.push_back({"seal_and_sign", "", [=] {
                     (void)key->sign(text);
                     (void)crypto::aead_seal(*aead_key, nonce, {}, text);
                   }});
  tasks.push_back({"open_and_verify", "", [=] {
                     ASSERT(crypto::aead_open(*aead_key, nonce, {}, sealed).has_value());
                     ASSERT(crypto::ed25519_verify(key->public_key, text, signature).has_value());
                   }});
  tasks.push_back({"seal", "", [=] { (void)crypto::aead_seal(*aead_key, nonce, {}, text); }});
}

int run(const Options& options) {
  ASSERT(crypto::initialise());
  Report report("mls", "MLS operations per second of one core, suite 0x0003 (processor time, median of rounds)");
  std::vector<Task> tasks;
  add_message_tasks(tasks);
  add_baseline_tasks(tasks);
  struct Size {
    const char* name;
    Pair (*make)(int, Random&);
    int members;
  };
  const Size sizes[] = {{"filled", filled_group, 2},
                        {"filled", filled_group, 3},
                        {"filled", filled_group, 10},
                        {"filled", filled_group, 100},
                        {"fresh", fresh_group, 100}};
  for (const Size& size : sizes) add_commit_tasks(tasks, size.name, size.make, size.members, report);
  measure_rates(tasks, options.seconds > 0 ? options.seconds : 6);

  report.heading("messages of 1 KiB between two members");
  const double encrypt = rate_of(tasks, "encrypt");
  const double decrypt = rate_of(tasks, "decrypt");
  const double floor_encrypt = rate_of(tasks, "seal_and_sign");
  const double floor_decrypt = rate_of(tasks, "open_and_verify");
  report.add("encrypt_per_s", "encrypt", encrypt, "/s", times(encrypt, floor_encrypt, "bare"));
  report.add("decrypt_per_s", "decrypt", decrypt, "/s", times(decrypt, floor_decrypt, "bare"));
  report.add("seal_and_sign_per_s", "bare: ChaCha20-Poly1305 + Ed25519 sign", floor_encrypt, "/s", "baseline");
  report.add("open_and_verify_per_s", "bare: ChaCha20-Poly1305 + Ed25519 verify", floor_decrypt, "/s", "baseline");
  report.add("seal_per_s", "bare: ChaCha20-Poly1305 alone", rate_of(tasks, "seal"), "/s");
  report.heading("commits with a path");
  for (const Size& size : sizes) {
    const std::string suffix = std::string("_") + size.name + "_" + std::to_string(size.members);
    const auto& made = *std::ranges::find(tasks, "commit" + suffix, &Task::key);
    const double processed = rate_of(tasks, "process" + suffix);
    const std::string label = std::to_string(size.members) + " members, " + size.name;
    report.add(made.key + "_per_s", label + ": commit", made.rate, "/s",
               made.label + ", costs " + print_number(floor_encrypt / made.rate) + " x bare seal and sign");
    report.add("process" + suffix + "_per_s", label + ": process", processed, "/s",
               "costs " + print_number(floor_decrypt / processed) + " x bare open and verify");
  }
  return report.finish(options) ? 0 : 1;
}

}  // namespace
}  // namespace godwit::bench

int main(int argc, char** argv) {
  return godwit::bench::run(godwit::bench::parse_options(argc, argv, "MLS messages and commits per second"));
}
