#pragma once
// A client in the simulated world: the real engine on a profile that can die at any batch, and the person who uses it.

#include <functional>
#include <map>
#include <memory>

#include "crypto/random_sources.h"
#include "engine/engine.h"
#include "sim/network.h"
#include "store/memory_client_store.h"

namespace godwit::sim {

/// What a person has seen of one message.
struct SeenMessage {
  engine::ChatId chat;
  std::string text;
};

/// One person with one device.
class ClientParty : public PipeUser {
 public:
  using OnAnswer = std::function<void(const Result<engine::Answer>&)>;

  ClientParty(Clock& clock, Network& network, std::string name, uint64_t seed);
  ~ClientParty() override;

  /// Starts the engine on its profile; it dies at the batch that `faults` names, if any.
  void start(store::ClientStoreFaults faults);
  /// It dies now.
  void crash();
  /// False between a crash and the next start.
  bool alive() const { return engine_ != nullptr; }
  /// Gives a command. `answer` is called with what comes of it, and never if the client dies before that.
  void command(engine::Command command, OnAnswer answer);
  /// Does what is possible at this moment; true if it did anything.
  bool pump();
  /// When it wants to be called.
  Instant next_deadline() const;
  /// True if nothing is on its way out.
  bool idle() const { return alive() && engine_->idle(); }

  /// What the person is called.
  const std::string& name() const { return name_; }
  /// Messages shown, in order, over all lives.
  const std::vector<SeenMessage>& seen() const { return seen_; }
  /// What the engine counted, over all its lives.
  engine::Counters counters() const;
  /// How often it died.
  uint64_t crashes() const { return crashes_; }
  /// How often of these at a batch, as told at the start.
  uint64_t crashes_at_operation() const { return crashes_at_operation_; }
  /// Batches stored in this life.
  uint64_t batches() const { return store_ == nullptr ? 0 : store_->batches(); }
  /// Troubles that were told; there should be none.
  const std::vector<Error>& troubles() const { return troubles_; }
  /// The profile, for checkers.
  store::MemoryDisk& disk() { return disk_; }
  /// What opens the profile, for checkers.
  const engine::StorageKey& storage_key() const { return key_; }
  /// Every batch that was ever stored, its values sealed, for checkers that look for what must be gone.
  const std::vector<std::vector<store::Change>>& stored() const { return stored_; }
  /// What a file that is sent is made of: its name tells.
  static Bytes file_of(const std::string& source);
  /// Files that were fetched, by where they were wanted.
  const std::map<std::string, Bytes>& files() const { return files_; }
  /// Keep stored(); costs memory.
  void keep_stored() { keep_stored_ = true; }
  /// `see` sees every batch as soon as all of it is on the disk, its values sealed.
  void on_stored(std::function<void(const std::vector<store::Change>&)> see) { see_stored_ = std::move(see); }
  /// `see` sees every notice that is no answer.
  void on_notice(std::function<void(const engine::Notice&)> see) { see_notice_ = std::move(see); }

  void pipe_event(engine::Event event) override;

 private:
  void bury();
  bool carry_out(engine::Effect effect);
  bool store(const engine::StoreBatch& batch);
  void load(const engine::LoadRecords& load);
  void tell(engine::Notice notice);
  bool do_with_file(engine::Effect& effect);
  void later(engine::Event event);

  Clock& clock_;
  Network& network_;
  std::string name_;
  crypto::SeededRandom random_;
  engine::StorageKey key_;
  store::MemoryDisk disk_;
  std::unique_ptr<store::MemoryClientStore> store_;
  std::unique_ptr<engine::Engine> engine_;
  uint64_t life_ = 0;
  uint64_t next_command_ = 1;
  std::map<engine::CommandId, OnAnswer> waiting_;
  std::vector<SeenMessage> seen_;
  std::map<std::string, Bytes> files_;
  std::map<std::pair<std::string, engine::MessageId>, Bytes> parts_;
  std::vector<Error> troubles_;
  std::vector<std::vector<store::Change>> stored_;
  bool keep_stored_ = false;
  std::function<void(const std::vector<store::Change>&)> see_stored_;
  std::function<void(const engine::Notice&)> see_notice_;
  bool stirred_ = true;        ///< Something has reached the engine since it was last asked what it wants.
  Instant deadline_ = kNever;  ///< Of the engine, unless it is stirred.
  engine::Counters before_;
  uint64_t crashes_ = 0;
  uint64_t crashes_at_operation_ = 0;
};

}  // namespace godwit::sim
