// The TlsStream without TLS, for a server that stands behind another one which terminates it.

#include "net/tls.h"

namespace godwit::net {
namespace {

class PlainStream final : public TlsStream {
 public:
  Status start() override { return {}; }
  Status feed(ByteView bytes, Bytes& plain) override {
    append(plain, bytes);
    return {};
  }
  Status write(ByteView plain) override {
    output_.append(plain);
    return {};
  }
  void finish() override {}
  ByteQueue& output() override { return output_; }
  bool is_open() const override { return true; }
  bool is_finished_by_peer() const override { return false; }
  bool is_resumed() const override { return false; }

 private:
  ByteQueue output_;
};

}  // namespace

std::unique_ptr<TlsStream> make_plain_stream() { return std::make_unique<PlainStream>(); }

}  // namespace godwit::net
