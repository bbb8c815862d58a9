#pragma once
// What the program of a pluggable transport says to who started it: lines on standard output (PT 1.0) and, for errors, on
// standard error (PT 2.1). Both streams are read alike. The program is trusted with nothing; its words may be anything.

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace godwit::routes {

/// What TOR_PT_MANAGED_TRANSPORT_VER offers: programs of both specifications are found to speak "1".
inline constexpr std::string_view kPtVersions = "1,2.1,2";
/// The longest line that is read; a longer one is passed over.
inline constexpr size_t kPtLineMax = 4096;

/// One line.
struct PtLine {
  /// The keywords. What is none of them is kOther, as is a known one with contents that make no sense.
  enum class Kind : uint8_t {
    kVersion,       ///< VERSION
    kVersionError,  ///< VERSION-ERROR
    kEnvError,      ///< ENV-ERROR
    kProxyDone,     ///< PROXY DONE
    kProxyError,    ///< PROXY-ERROR
    kMethod,        ///< CMETHOD or SMETHOD
    kMethodError,   ///< CMETHOD-ERROR or SMETHOD-ERROR
    kMethodsDone,   ///< CMETHODS DONE or SMETHODS DONE
    kLog,           ///< LOG
    kStatus,        ///< STATUS
    kOther,
  };
  Kind kind = Kind::kOther;
  bool server = false;                           ///< SMETHOD...
  std::string transport;                         ///< of kMethod and kMethodError
  std::string protocol;                          ///< of a client's kMethod: "socks5"
  std::string host;                              ///< of kMethod: an IP address without brackets
  uint16_t port = 0;                             ///< of kMethod
  std::map<std::string, std::string> arguments;  ///< of a server's kMethod: ARGS
  std::string text;  ///< what an error or a log line says, printable ASCII alone: it is shown to people
};

/// Reads one line without its end.
PtLine parse_pt_line(std::string_view line);

/// Cuts one stream into lines.
class PtLines {
 public:
  /// The lines that `bytes` complete.
  std::vector<PtLine> feed(ByteView bytes);

 private:
  std::string line_;
  bool too_long_ = false;
};

/// A transport that is ready.
struct PtMethod {
  std::string host;  ///< of a client's SOCKS5 server, or where a server listens
  uint16_t port = 0;
  std::map<std::string, std::string> arguments;  ///< what clients of a server must know
};

/// The whole greeting of one program, from either side.
class PtGreeting {
 public:
  /// `server` says which lines are waited for; `with_proxy` that TOR_PT_PROXY was set.
  PtGreeting(bool server, bool with_proxy) : server_(server), proxy_wanted_(with_proxy) {}

  /// Takes a line. kPtVersion, kPtEnvironment, kPtProxy: the program will not serve; kPtNoTransport: it is ready without
  /// `transport`. Lines after is_ready() are of no concern.
  Status on_line(const PtLine& line, std::string_view transport);
  /// All methods are known.
  bool is_ready() const { return ready_; }
  /// The method, once ready.
  const PtMethod& method() const { return method_; }
  /// The last thing that an error or warning said; printable.
  const std::string& last_words() const { return last_words_; }

 private:
  bool server_;
  bool proxy_wanted_;
  bool proxy_done_ = false;
  bool version_ = false;
  bool found_ = false;
  bool ready_ = false;
  PtMethod method_;
  std::string last_words_;
};

}  // namespace godwit::routes
