#include "api/examples.h"

namespace godwit::api {
namespace {

// A new method gets a line here. Whatever it needs is prepared in tests/engine/api_examples_test.cc; one that cannot be
// carried out there names the error that it is refused with.
constexpr MethodExample kMethods[] = {
    {"new_account", R"({"name":"Anna","home_link":"godwit-home:#AYk2..."})", ""},
    {"read_account", R"({})", ""},
    {"make_invite", R"({})", ""},
    {"add_contact", R"({"link":"godwit:i#AWfQ..."})", ""},
    {"list_chats", R"({})", ""},
    {"send_text", R"({"chat":"5d1f0c3e9a7b4d2286f1c05e7a9b3d48","text":"Hi"})", ""},
    {"read_history", R"({"chat":"5d1f0c3e9a7b4d2286f1c05e7a9b3d48","before":null,"count":20})", ""},
    {"mark_read", R"({"chat":"5d1f0c3e9a7b4d2286f1c05e7a9b3d48","through":1})", ""},
    {"refresh_keys", R"({"chat":"5d1f0c3e9a7b4d2286f1c05e7a9b3d48"})", ""},
    {"read_safety_number", R"({"chat":"5d1f0c3e9a7b4d2286f1c05e7a9b3d48"})", ""},
    {"mark_verified", R"({"chat":"5d1f0c3e9a7b4d2286f1c05e7a9b3d48"})", ""},
    {"send_file", R"({"chat":"5d1f0c3e9a7b4d2286f1c05e7a9b3d48","source":"/home/anna/photo.jpg"})", ""},
    {"get_file",
     R"({"chat":"5d1f0c3e9a7b4d2286f1c05e7a9b3d48","message":"8a01b2c3d4e5f60718293a4b5c6d7e8f","destination":"/home/anna/"})",
     ""},
    {"send_message", R"({"chat":"5d1f0c3e9a7b4d2286f1c05e7a9b3d48","text":"See this, Boris","reply_to":"8a01b2c3d4e5f60718293a4b5c6d7e8f","spans":[{"start":0,"length":3,"style":"bold"},{"start":4,"length":4,"style":"link","link":"https://example.org"}]})", ""},
    {"read_message", R"({"chat":"5d1f0c3e9a7b4d2286f1c05e7a9b3d48","message":"8a01b2c3d4e5f60718293a4b5c6d7e8f"})", ""},
    {"react", R"({"chat":"5d1f0c3e9a7b4d2286f1c05e7a9b3d48","message":"8a01b2c3d4e5f60718293a4b5c6d7e8f","reaction":"👍"})", ""},
    {"edit_message", R"({"chat":"5d1f0c3e9a7b4d2286f1c05e7a9b3d48","message":"1c2d3e4f5a6b7c8d9e0f1a2b3c4d5e6f","text":"Hello"})", ""},
    {"read_edits", R"({"chat":"5d1f0c3e9a7b4d2286f1c05e7a9b3d48","message":"1c2d3e4f5a6b7c8d9e0f1a2b3c4d5e6f"})", ""},
    {"read_receipts", R"({"chat":"5d1f0c3e9a7b4d2286f1c05e7a9b3d48","message":"1c2d3e4f5a6b7c8d9e0f1a2b3c4d5e6f"})", ""},
    {"pin_message", R"({"chat":"5d1f0c3e9a7b4d2286f1c05e7a9b3d48","message":"8a01b2c3d4e5f60718293a4b5c6d7e8f","pinned":true})", ""},
    {"list_pinned", R"({"chat":"5d1f0c3e9a7b4d2286f1c05e7a9b3d48"})", ""},
    {"forward_message", R"({"chat":"5d1f0c3e9a7b4d2286f1c05e7a9b3d48","message":"8a01b2c3d4e5f60718293a4b5c6d7e8f","to":"5d1f0c3e9a7b4d2286f1c05e7a9b3d48"})", ""},
    {"send_typing", R"({"chat":"5d1f0c3e9a7b4d2286f1c05e7a9b3d48","typing":true})", ""},
    {"send_location", R"({"chat":"5d1f0c3e9a7b4d2286f1c05e7a9b3d48","latitude":55751244,"longitude":37618423,"accuracy_m":20,"name":"Red Square"})", ""},
    {"send_contact", R"({"chat":"5d1f0c3e9a7b4d2286f1c05e7a9b3d48","name":"Clara","text":"clara@example.org"})", ""},
    {"send_poll", R"({"chat":"5d1f0c3e9a7b4d2286f1c05e7a9b3d48","question":"Tea?","options":["yes","no"]})", ""},
    {"vote", R"({"chat":"5d1f0c3e9a7b4d2286f1c05e7a9b3d48","message":"77e1d2c3b4a5968778695a4b3c2d1e0f","choices":[0]})", ""},
    {"close_poll", R"({"chat":"5d1f0c3e9a7b4d2286f1c05e7a9b3d48","message":"77e1d2c3b4a5968778695a4b3c2d1e0f"})", ""},
    {"set_disappearing", R"({"chat":"5d1f0c3e9a7b4d2286f1c05e7a9b3d48","seconds":604800})", ""},
    {"set_chat", R"({"chat":"5d1f0c3e9a7b4d2286f1c05e7a9b3d48","pinned":true,"draft":"Dear Boris"})", ""},
    {"schedule_message", R"({"chat":"5d1f0c3e9a7b4d2286f1c05e7a9b3d48","at":1990000000000,"text":"Happy birthday"})", ""},
    {"list_scheduled", R"({"chat":"5d1f0c3e9a7b4d2286f1c05e7a9b3d48"})", ""},
    {"cancel_scheduled", R"({"chat":"5d1f0c3e9a7b4d2286f1c05e7a9b3d48","number":1})", ""},
    {"set_privacy", R"({"read_receipts":true,"typing":false})", ""},
    {"read_privacy", R"({})", ""},
    {"delete_message", R"({"chat":"5d1f0c3e9a7b4d2286f1c05e7a9b3d48","message":"1c2d3e4f5a6b7c8d9e0f1a2b3c4d5e6f","for_everyone":true})", ""},
    {"search_messages", R"({"query":"tea","chat":null,"sender":"","since":null,"until":null,"has_file":false,"skip":0,"count":20})", ""},
    {"import_messages", R"({"source":"whatsapp Clara","name":"Clara","older_of":null,"messages":[{"sender":"Clara","own":false,"sent_at":1500000000000,"text":"Hi","media":"","forwarded_from":"","omitted":false,"notice":false,"edited":false,"deleted":false,"id":null}]})", ""},
    {"write_bundle", R"({"chat":null,"bytes_max":500000})", ""},
    {"read_bundle", R"({"bundle":"R1dCAQ"})", ""},
    {"list_routes", R"({})", ""},
    {"add_route", R"({"route":"bridge://bridge.example"})", ""},
    {"remove_route", R"({"route":"bridge://bridge.example"})", ""},
    {"take_bulletin", R"({"text":"godwit-bulletin:..."})", "engine_bulletin_damaged"},
    {"share_bulletin", R"({})", "engine_no_bulletin"},
    {"set_mail",
     R"({"account":{"address":"anna@mail.example","smtp":"smtps://mail.example","imap":"imaps://mail.example","user":"anna","password":"..."}})",
     ""},
    {"read_mail", R"({})", ""},
    {"set_lan", R"({"on":true})", ""},
    {"read_lan", R"({})", ""},
    {"new_group", R"({"name":"Friends"})", ""},
    {"list_members", R"({"chat":"5d1f0c3e9a7b4d2286f1c05e7a9b3d48"})", ""},
    // The chat of the examples is one of two.
    {"add_members",
     R"({"chat":"5d1f0c3e9a7b4d2286f1c05e7a9b3d48","accounts":["a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1"]})",
     "engine_not_group"},
    {"remove_member",
     R"({"chat":"5d1f0c3e9a7b4d2286f1c05e7a9b3d48","account":"a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1"})",
     "engine_not_group"},
    {"leave_group", R"({"chat":"5d1f0c3e9a7b4d2286f1c05e7a9b3d48"})", "engine_not_group"},
    {"set_role",
     R"({"chat":"5d1f0c3e9a7b4d2286f1c05e7a9b3d48","account":"a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1","role":"admin"})",
     "engine_not_group"},
    {"rename_group", R"({"chat":"5d1f0c3e9a7b4d2286f1c05e7a9b3d48","name":"Good friends"})", "engine_not_group"},
    {"set_group_settings",
     R"({"chat":"5d1f0c3e9a7b4d2286f1c05e7a9b3d48","announcement_only":true,"slow_mode_seconds":null,"join_by_approval":null})",
     "engine_not_group"},
    {"list_devices", R"({})", ""},
    {"start_linking", R"({"by_code":true})", ""},
    // No new device is there in the examples, and Anna has an account.
    {"confirm_linking", R"({"accept":true})", "engine_nobody_asks"},
    {"link_device", R"({"name":"Laptop","code":"4711 0815 2342","home_link":"godwit-home:#AYk2..."})", "engine_account_exists"},
    {"rename_device",
     R"({"device":"d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0","name":"Telephone"})", ""},
    {"remove_device", R"({"device":"d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0"})",
     "engine_own_device"},
    {"recover_account", R"({"recovery_key":"ABCD EFGH ...","home_link":"godwit-home:#AYk2...","name":"New telephone"})",
     "engine_account_exists"},
    // Of the connection.
    {"authenticate", R"({"token":"3f9c...64 digits...a1"})", ""},
    {"subscribe", R"({"notices":["message_received","chat_changed"]})", ""},
};

constexpr RefusedLine kRefused[] = {
    {R"({"jsonrpc":"2.0","id":1,)", "api_not_json"},
    {R"([{"jsonrpc":"2.0","id":1,"method":"list_chats"}])", "api_not_a_request"},
    {R"({"id":1,"method":"list_chats"})", "api_not_a_request"},
    {R"({"jsonrpc":"2.0","id":1,"method":"fly"})", "api_unknown_method"},
    {R"({"jsonrpc":"2.0","id":1,"method":"list_chats","params":{"all":true}})", "api_unknown_field"},
    {R"({"jsonrpc":"2.0","id":1,"method":"send_text","params":{"text":"Hi"}})", "api_missing_field"},
    {R"({"jsonrpc":"2.0","id":1,"method":"send_text","params":{"chat":"5d1f","text":"Hi"}})", "api_wrong_type"},
    {R"({"jsonrpc":"2.0","id":1,"method":"subscribe","params":{"notices":["weather"]}})", "api_unknown_notice"},
};

}  // namespace

std::span<const MethodExample> method_examples() { return kMethods; }

std::span<const RefusedLine> refused_lines() { return kRefused; }

}  // namespace godwit::api
