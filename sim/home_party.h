#pragma once
// The home in the simulated world: the real core on a disk that forgets what was never synced.

#include <functional>
#include <map>
#include <memory>
#include <optional>

#include "crypto/random_sources.h"
#include "home/home.h"
#include "sim/network.h"
#include "store/faulty_store.h"

namespace godwit::sim {

/// One home that can die at any operation on its store and come back.
class HomeParty : public PipeServer {
 public:
  /// Answers at `host`; empty: wherever nobody else does.
  HomeParty(Clock& clock, Network& network, uint64_t seed, std::string host = {});
  ~HomeParty() override;

  /// Starts it on its disk; it dies at the operation that `faults` names, if any.
  void start(store::StoreFaults faults);
  /// The power goes now.
  void crash();
  /// False between a crash and the next start.
  bool alive() const { return home_ != nullptr; }
  /// Does what is possible at this moment; true if it did anything.
  bool pump();
  /// When it wants to be called.
  Instant next_deadline() const;
  /// What the home counted, over all its lives.
  home::Counters counters() const;
  /// Public key by which clients know it.
  const crypto::X25519PublicKey& key() const { return keys_.identity.public_key; }
  /// An admission code for one mailbox.
  Bytes admission_code();
  /// How often it died.
  uint64_t crashes() const { return crashes_; }
  /// How often of these at an operation on its store, as told at the start.
  uint64_t crashes_at_operation() const { return crashes_at_operation_; }
  /// Operations on the store in this life.
  uint64_t operations() const;
  /// What stands on its disk.
  store::MemoryDisk& disk() { return disk_; }

  /// A sealed request that another home passes on; `answered` is called with its reply, unless this home dies before that.
  void bring_sealed(Bytes sealed, std::function<void(Result<Bytes>)> answered);
  /// Brings a sealed request to another home and calls the last one with its reply, or never.
  using PassOn = std::function<void(const wire::HomeAddress&, Bytes, std::function<void(Result<Bytes>)>)>;
  /// `pass_on` carries what this home passes on. Without it that leads nowhere.
  void on_forward(PassOn pass_on) { pass_on_ = std::move(pass_on); }

  bool accept(home::PipeId pipe) override;
  void bytes(home::PipeId pipe, ByteView bytes) override;
  void closed(home::PipeId pipe) override;

 private:
  void bury();
  void carry_out(home::Output output);

  Clock& clock_;
  Network& network_;
  crypto::SeededRandom random_;
  crypto::SeededRandom store_random_;
  std::string host_;
  home::Keys keys_;
  store::MemoryDisk disk_;
  std::unique_ptr<store::FaultyStore> store_;
  std::unique_ptr<home::Home> home_;
  PassOn pass_on_;
  uint64_t life_ = 0;
  uint64_t next_arrival_ = 1;
  std::map<home::SealedArrivalId, std::function<void(Result<Bytes>)>> arrivals_;
  home::Counters before_;
  uint64_t crashes_ = 0;
  uint64_t crashes_at_operation_ = 0;
};

}  // namespace godwit::sim
