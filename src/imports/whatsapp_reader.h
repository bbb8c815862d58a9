#pragma once
// Reads WhatsApp's "Export chat". The file is read twice: WhatsAppSurvey finds out how its dates are written, WhatsAppReader
// reads the messages. Both are fed in pieces of any size and hold one message.

#include "imports/errors.h"
#include "imports/imported.h"
#include "imports/line_cutter.h"
#include "imports/whatsapp_head.h"
#include "imports/whatsapp_phrases.h"

namespace godwit::imports {

/// How one file is written.
struct WhatsAppForm {
  HeadShape shape;
  DateOrder order = DateOrder::kDayFirst;
};

/// The first reading.
class WhatsAppSurvey {
 public:
  /// The next piece of the file.
  void feed(ByteView piece);
  /// All of it was fed: how it is written. kNotExport: no line of it is the head of a message.
  Result<WhatsAppForm> finish();

 private:
  struct Order {
    uint64_t impossible = 0;  ///< Days that are none in this order.
    uint64_t backwards = 0;   ///< Messages before the one above them.
    int64_t last = 0;
  };
  void note(std::string_view line, bool goes_on);
  void note(Order& order, const LineHead& head, DateOrder which);
  LineCutter lines_;
  std::optional<HeadShape> shape_;
  Order day_first_;
  Order month_first_;
  bool meridiem_ = false;
};

/// The second reading.
class WhatsAppReader {
 public:
  /// `chat_name`: as of whatsapp_chat_name; iOS puts it before what it says itself. `has_file`: is there a file of this name in the
  /// export? It is asked about names that people may have written.
  WhatsAppReader(WhatsAppForm form, ImportSink sink, std::string chat_name = {},
                 std::function<bool(std::string_view)> has_file = {})
      : form_(form), sink_(std::move(sink)), chat_name_(std::move(chat_name)), hints_{std::move(has_file), {}} {}
  /// The next piece of the file. What the sink gives back.
  Status feed(ByteView piece);
  /// All of it was fed. What the sink gives back.
  Status finish();
  /// What came of it so far.
  const ImportReport& report() const { return report_; }

 private:
  Status take_line(std::string_view line, bool goes_on);
  Status flush();
  bool is_of_messenger();
  WhatsAppForm form_;
  ImportSink sink_;
  std::string chat_name_;
  std::string first_name_;  // before the first thing that the messenger said, if the file begins with that: the chat's
  FileHints hints_;
  ImportReport report_;
  LineCutter lines_;
  bool open_ = false;  ///< There is a message, whose text goes on until the next head.
  bool cut_ = false;   ///< Of this text a part was given already.
  bool marked_ = false;
  ImportedMessage message_;
};

/// The chat's name out of the name of the file: "WhatsApp Chat with Anna.txt" in several languages; else the name itself.
std::string whatsapp_chat_name(std::string_view file_name);

}  // namespace godwit::imports
