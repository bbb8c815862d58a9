#include "store/nats_messages.h"

#include <chrono>
#include <mutex>
#include <utility>

#include "store/errors.h"
#include "store/nats_library.h"

namespace godwit::store {
namespace {

// The library keeps so much of what is sent while no server is there; it is worth little later.
constexpr int kKeptMax = 1 << 20;
constexpr auto kReviveEvery = std::chrono::seconds(5);

}  // namespace

// What the library's threads have: it lives until the last of them has let go of it.
struct NatsMessages::Inbox {
  std::mutex mutex;
  std::function<void()> wake;  // under it, as the others
  std::vector<Bytes> come;
  size_t bytes = 0;

  void take(const natsMsg* message) {
    const auto size = static_cast<size_t>(natsMsg_GetDataLength(message));
    const ByteView data = as_bytes({natsMsg_GetData(message), size});
    const std::lock_guard hold(mutex);
    if (!wake || bytes + size > kNatsUntakenMax) return;
    const bool first = come.empty();
    bytes += size;
    come.push_back(to_bytes(data));
    if (first) wake();
  }
};

struct NatsMessages::Connection {
  using Subscription = std::unique_ptr<natsSubscription, NatsDestroyer<natsSubscription_Destroy>>;

  Status connect();
  Status subscribe(const std::string& name);
  void revive();

  NatsOptions options;
  std::string before;              // of every subject
  std::vector<std::string> heard;  // names
  std::chrono::steady_clock::time_point revived;
  std::shared_ptr<Inbox> inbox = std::make_shared<Inbox>();
  std::unique_ptr<natsConnection, NatsDestroyer<natsConnection_Destroy>> connection;
  std::vector<Subscription> subscriptions;
};

NatsMessages::NatsMessages(std::unique_ptr<Connection> connection) : connection_(std::move(connection)) {}

NatsMessages::~NatsMessages() {
  const std::lock_guard hold(connection_->inbox->mutex);
  connection_->inbox->wake = {};
}

Status NatsMessages::Connection::connect() {
  const NatsConnectOptions wanted = TRY(nats_connect_options(options.place, options.tls, "godwit-front"));
  natsOptions_SetRetryOnFailedConnect(wanted.get(), true, [](natsConnection*, void*) {}, nullptr);
  natsOptions_SetReconnectBufSize(wanted.get(), kKeptMax);
  natsConnection* made = nullptr;
  const natsStatus status = natsConnection_Connect(&made, wanted.get());
  connection.reset(made);
  REQUIRE(status == NATS_OK || status == NATS_NOT_YET_CONNECTED, kUnavailable,
          "store: the NATS servers have addresses");
  return {};
}

Status NatsMessages::Connection::subscribe(const std::string& name) {
  natsSubscription* made = nullptr;
  const std::string subject = before + name;
  auto held = std::make_unique<std::shared_ptr<Inbox>>(inbox);
  const auto came = [](natsConnection*, natsSubscription*, natsMsg* message, void* to) {
    (*static_cast<std::shared_ptr<Inbox>*>(to))->take(message);
    natsMsg_Destroy(message);
  };
  const natsStatus status = natsConnection_Subscribe(&made, connection.get(), subject.c_str(), came, held.get());
  REQUIRE(status == NATS_OK, kUnavailable, "store: the NATS servers let a home hear its subjects");
  subscriptions.emplace_back(made);
  const auto over = [](void* to) { delete static_cast<std::shared_ptr<Inbox>*>(to); };
  const bool set = natsSubscription_SetOnCompleteCB(made, over, held.get()) == NATS_OK;
  (void)held.release();  // by the library now; or, if it does not say when it is done, by nobody
  REQUIRE(set, kUnavailable, "store: the NATS servers let a home hear its subjects");
  return {};
}

// The library gives up for ever on servers that have refused twice, as those may that are being set up anew.
void NatsMessages::Connection::revive() {
  const auto now = std::chrono::steady_clock::now();
  if (now < revived + kReviveEvery || (connection && !natsConnection_IsClosed(connection.get()))) return;
  revived = now;
  subscriptions.clear();
  if (!connect()) return;
  for (const std::string& name : heard) (void)subscribe(name);
}

Result<std::unique_ptr<NatsMessages>> NatsMessages::open(const NatsOptions& options, std::function<void()> wake) {
  auto made = std::make_unique<Connection>();
  made->options = options;
  made->before = "godwit." + options.place.name + ".front.";
  made->inbox->wake = std::move(wake);
  TRY(made->connect());
  return std::unique_ptr<NatsMessages>(new NatsMessages(std::move(made)));
}

Status NatsMessages::hear(const std::string& name) {
  connection_->heard.push_back(name);
  return connection_->subscribe(name);
}

void NatsMessages::send(const std::string& name, ByteView message) {
  connection_->revive();
  if (!connection_->connection) return;
  const std::string subject = connection_->before + name;
  (void)natsConnection_Publish(connection_->connection.get(), subject.c_str(), message.data(),
                               static_cast<int>(message.size()));
}

std::vector<Bytes> NatsMessages::take() {
  const std::lock_guard hold(connection_->inbox->mutex);
  connection_->inbox->bytes = 0;
  return std::exchange(connection_->inbox->come, {});
}

void NatsMessages::flush(Duration within) {
  if (connection_->connection) (void)natsConnection_FlushTimeout(connection_->connection.get(), within.ms);
}

}  // namespace godwit::store
