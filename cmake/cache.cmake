# Where tools/install keeps what it has built, and the version of libsodium.
set(sodium_version 1.0.22)
if(DEFINED ENV{GODWIT_CACHE})
  set(godwit_cache "$ENV{GODWIT_CACHE}")
elseif(DEFINED ENV{XDG_CACHE_HOME})
  set(godwit_cache "$ENV{XDG_CACHE_HOME}/godwit")
else()
  set(godwit_cache "$ENV{HOME}/.cache/godwit")
endif()
# Where tools/install has put a nats-server for the tests; Debian 12's own is too old.
set(nats_server "${godwit_cache}/nats-server-2.10/nats-server")
