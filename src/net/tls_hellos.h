#pragma once
// Client contexts of OpenSSL whose hello looks like a program's. What each looks like is measured with lab/hello.py beside
// the program itself; the tests hold the lists.

#include "net/openssl_stream.h"
#include "routes/hello.h"

namespace godwit::net {

/// A context of which one connection is made. Null: out of memory.
OpenSslPtr<SSL_CTX> make_client_context(routes::HelloKind look);

}  // namespace godwit::net
