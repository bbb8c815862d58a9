#include "api/messages.h"

#include <algorithm>
#include <array>
#include <iterator>

namespace godwit::api {
namespace {

using enum Action;

// In the order of the numbers. A row for every code of wire, session, routes, engine, api, store, net and cli
// (messages_test.cc reads their errors.h); deeper folders' errors are turned into these before they reach anybody.
// clang-format off: one row, one line, however long the sentence
constexpr std::array kMessages = std::to_array<CodeMessage>({
    // session: the encrypted connection to the home
    {400, "session_bad_handshake", kCloseSession, "Whoever answers does not hold the home's key, or the connection was changed on the way. It is closed and another is tried."},
    {401, "session_version_unsupported", kFix, "The home and this Godwit share no version of the protocol. Update Godwit, or ask the home's operator to update it."},
    {402, "session_handshake_timeout", kRetryLater, "The home did not answer in time. Another connection is tried."},
    {403, "session_too_many_handshakes", kRetryLater, "The home is asked for too many connections from here. It is tried again in a while."},
    {404, "session_work_refused", kRetryLater, "The home did not accept the proof of work. It is tried again on another connection."},
    {405, "session_too_much_work", kRetryLater, "The home is overloaded and asks for too much work. It is tried again later."},
    {406, "session_unknown_ticket", kDrop, "The home does not know this way to come back any more. A full handshake is made instead."},
    {410, "session_bad_record", kCloseSession, "The connection was tampered with or damaged. It is closed and taken up on another one."},
    {411, "session_rekey_overdue", kCloseSession, "The home did not change its keys in time. Another connection is made."},
    {412, "session_nonce_exhausted", kCloseSession, "This connection has been used up. Another is made."},
    {420, "session_bad_frame", kCloseSession, "The home and this Godwit did not understand each other. Another connection is made; update Godwit if it stays."},
    {421, "session_too_many_requests", kRetryLater, "Too much is asked of the home at the same time. It goes on when answers have come."},
    {422, "session_message_too_large", kDrop, "This is too large for one request. Send it in smaller pieces."},
    {423, "session_credit_exceeded", kDrop, "More came than was asked for, and was thrown away. It is fetched again."},
    {424, "session_stream_reused", kCloseSession, "The home and this Godwit did not understand each other. Another connection is made."},
    {425, "session_outbox_full", kRetryLater, "Too much waits to be sent. It goes on when the home has taken some of it."},
    {426, "session_no_such_stream", kDrop, "An answer came that nobody waits for, and was thrown away."},
    {427, "session_not_in_first_flight", kCloseSession, "Something was sent too early on a connection. Another is made."},
    {428, "session_kind_settled", kCloseSession, "This connection is for something else. Another is made."},
    {430, "session_goodbye", kCloseSession, "The connection was ended in good order. Another is made when needed."},
    {431, "session_peer_silent", kCloseSession, "The home has fallen silent. Another connection is tried."},
    {432, "session_idle", kCloseSession, "Nothing was said for a long time, and the connection was ended. Another is made when needed."},
    {433, "session_closed", kCloseSession, "This connection is over. Another is made."},
    {434, "session_pipe_lost", kCloseSession, "The connection was lost. It is taken up on another one."},
    {435, "session_going_down", kRetryLater, "The home is going down or is overfull. It is tried again in a while."},
    {440, "session_bad_ticket", kDrop, "A stored way to come back is damaged and was thrown away. A full handshake is made instead."},
    {441, "session_bad_sealed_request", kDrop, "A sealed request came that does not open, and was thrown away."},
    {442, "session_sealed_replay", kDrop, "A sealed request came a second time, and was thrown away."},
    // wire: what the home answered
    {500, "wire_unknown_request", kDrop, "The home does not know this request. It runs an older version; ask its operator to update it."},
    {501, "wire_malformed", kDrop, "The home could not read our request. Update Godwit; if it stays, report it."},
    {502, "wire_too_large", kDrop, "The home refuses something of this size. Send it in smaller pieces."},
    {503, "wire_wrong_session_kind", kDrop, "The home was asked on the wrong kind of connection. Update Godwit; if it stays, report it."},
    {510, "wire_proof_refused", kCloseSession, "The home does not accept this device's key. It is tried again on a new connection."},
    {511, "wire_admission_refused", kFix, "The home does not accept the admission code. It may have been used or have expired; ask the home's operator for a new link."},
    {512, "wire_address_refused", kDrop, "The home knows no such address: it has expired, was revoked, or the other person has cut this chat off."},
    {513, "wire_log_refused", kDrop, "The home does not let this device read or write the chat's key log. The chat may have been closed; start a new one with a new invite."},
    {514, "wire_proof_of_work_refused", kFix, "The home asks for more proof of work than this version does. Update Godwit, or ask the operator for an admission link."},
    {515, "wire_id_taken", kFix, "The home has something else under this id already. Try once more; a new id is chosen."},
    {516, "wire_no_such_mailbox", kFix, "The home has no mailbox for this device: the device was removed, or the home has lost its data. Make a new profile."},
    {517, "wire_sealed_refused", kDrop, "What was sealed to this home is damaged, out of date or was done before. It is made anew."},
    {518, "wire_blob_refused", kDrop, "The home does not take this file on the permission that it gave before. Another one is asked for."},
    {519, "wire_no_such_blob", kDrop, "The home does not have this file, or no longer: files are kept for 30 days."},
    {520, "wire_quota_full", kRetryLater, "There is no room left for this at the home. It is tried again later; the other person has to fetch messages first."},
    {521, "wire_too_many_requests", kRetryLater, "The home was asked too often. It is tried again in a while."},
    {522, "wire_unavailable", kRetryLater, "The home cannot store anything at the moment (its disk may be full). It is tried again; nothing is lost."},
    {523, "wire_no_key_package", kFix, "This invite was used already. Ask for a new one."},
    {524, "wire_nobody_connected", kDrop, "The other person is not connected at the moment."},
    {525, "wire_no_such_transfer", kDrop, "The home has forgotten what was sent to it in parts. It is sent again."},
    {526, "wire_home_unreachable", kRetryLater, "Your home does not reach your contact's home either. It is tried again."},
    {530, "wire_link_not_home", kFix, "This is not a link of a home. It starts with \"godwit-home:\"; the home's operator has it from `godwit-home invite`."},
    {531, "wire_link_damaged", kFix, "The home's link was changed on the way: a character is missing or wrong. Copy the whole link again."},
    {532, "wire_link_newer", kFix, "The home's link was made by a newer version. Update Godwit."},
    {535, "wire_not_bundle", kFix, "This is not a bundle. A bundle is a file made by `godwit bundle write`."},
    {536, "wire_bundle_damaged", kFix, "The bundle was cut or changed on its way. Nothing was taken from it; copy it again."},
    {537, "wire_bundle_newer", kFix, "The bundle was written by a newer version. Update Godwit and read it again."},
    {540, "wire_name_refused", kFix, "There is no such name at that home, or it has another passcode."},
    {541, "wire_name_taken", kFix, "Somebody else has this name at the home. Choose another one."},
    {542, "wire_has_name", kFix, "There is a name already. Give it back before you take another one."},
    {543, "wire_no_such_channel", kDrop, "The home has no such channel, or not any more."},
    {544, "wire_channel_refused", kDrop, "The home does not take this for the channel: it is not signed by its owner, or was taken away."},
    {545, "wire_channel_moved", kFix, "Something else was written into the channel meanwhile. It is read, and then tried again."},
    // routes
    {600, "routes_bad_route", kFix, "This is not a route to a home. It looks like wss://home.example/ws."},
    {601, "routes_unknown_scheme", kDrop, "This route was made by a newer version and is skipped. Update Godwit to use it."},
    {620, "routes_bad_proxy", kFix, "This is not a proxy. It looks like socks5://127.0.0.1:1080 or http://user:password@proxy.example:8080."},
    {621, "proxy_login_refused", kFix, "The proxy does not accept the user and the password, or wants some. Put them into its address."},
    {622, "proxy_refused", kRetryLater, "The proxy refuses to connect there. It is tried again; another proxy may help."},
    {623, "proxy_target_unreachable", kRetryLater, "The proxy works, but cannot reach the home. It is tried again."},
    {624, "proxy_invalid_response", kRetryLater, "What answers at the proxy's address is not such a proxy. Check its kind and its port."},
    {630, "transport_version_refused", kFix, "The program of the transport speaks no version that Godwit knows. Install a newer one."},
    {631, "transport_environment_refused", kFix, "The program of the transport cannot work in the profile's folder. Check its permissions."},
    {632, "transport_proxy_refused", kFix, "The program of the transport cannot use your proxy. Use it without the proxy, or install another one."},
    {633, "transport_not_served", kFix, "The installed program does not know this transport. Install another one."},
    {640, "dns_invalid_message", kDrop, "A name server gave an answer that makes no sense. Others are asked."},
    {641, "routes_bad_resolver_list", kFix, "The file of name servers has a line that is none. A line looks like \"https://dns.example/dns-query 192.0.2.1\"."},
    // engine: what was asked
    {700, "engine_no_account", kFix, "There is no account in this profile yet. Make one with `godwit new`."},
    {701, "engine_account_exists", kFix, "There is an account in this profile already. Choose another folder with --profile to make a second one."},
    {702, "engine_no_such_chat", kFix, "There is no such chat. `godwit chats` lists them."},
    {703, "engine_ambiguous_name", kFix, "More than one chat is meant by that. Use more of the name, or the id that `godwit chats` shows."},
    {704, "engine_too_long", kFix, "That is too long. A message may have 102,400 bytes, a name 64 characters."},
    {705, "engine_not_text", kFix, "That is not text: it is empty or not valid UTF-8."},
    {706, "engine_outbox_full", kRetryLater, "In this chat 10,000 messages wait to be delivered already. Wait until some have gone out."},
    {707, "engine_routes_full", kFix, "Eight routes may be added, and so many are. Remove one of them first."},
    {708, "engine_no_such_route", kFix, "No such route was added. `godwit routes` lists them; those of the home's link stay."},
    {710, "engine_link_damaged", kFix, "The invite was changed on the way: a character is missing or wrong. Copy the whole link again; nothing was used up."},
    {711, "engine_link_not_godwit", kFix, "This is not a Godwit invite. Copy the whole link that the other person's Godwit shows."},
    {712, "engine_link_newer", kFix, "The invite was made by a newer version. Update Godwit and take it again."},
    {713, "engine_link_own", kFix, "This is your own invite. Give it to the person whom you want to talk to."},
    {714, "engine_link_known", kFix, "You have taken this invite already. `godwit chats` shows the chat."},
    {715, "engine_invite_used", kFix, "This invite was used already, by you or by somebody else. Ask for a new one."},
    {716, "engine_invite_refused", kFix, "The home does not know this invite: it has expired or was withdrawn. Ask for a new one."},
    {717, "engine_invite_forged", kFix, "What lies behind this invite does not belong to the person who is named in it. Somebody may be lying to you: do not use it, and ask for a new one in another way."},
    {720, "engine_wrong_home", kFix, "Whoever answers at this address does not have the home's key. It is another home, or somebody stands in between; nothing was told to it. Check the link with whoever gave it to you."},
    {721, "engine_not_connected", kRetryLater, "There is no connection to the home at the moment. It is tried again by itself."},
    {722, "engine_refused_by_home", kFix, "The home refuses this. Its link may have been used or have expired; ask the home's operator for a new one."},
    {730, "engine_wrong_passphrase", kFix, "The passphrase or key file does not open this profile. Nothing was changed; try again."},
    {731, "engine_profile_damaged", kStop, "This profile is damaged, and nothing more is written to it. Restore the folder from a backup, or make a new profile and ask your contacts for new invites."},
    {732, "engine_profile_newer", kFix, "This profile was written by a newer version. Update Godwit; nothing was changed."},
    {733, "engine_profile_rolled_back", kStop, "This profile is an old copy: the home has seen a later state of it. Use the newest copy, or make a new profile."},
    {734, "engine_recovery_key_mistyped", kFix, "The recovery key is not right: a digit is wrong, missing or too many. Compare it with what you wrote down."},
    {735, "engine_profile_older", kFix, "This profile was written by an older version, and this one cannot read its chats. Use that version, or make a new profile; nothing was changed."},
    {740, "engine_bad_envelope", kDrop, "Something came in that is not a message, and was thrown away."},
    {741, "engine_bad_content", kDrop, "A message came in that could not be read, and was thrown away. Ask the sender to update Godwit and send it again."},
    {742, "engine_bad_device_list", kDrop, "A list of devices came in that is not signed as it must be, and was thrown away."},
    {743, "engine_bad_log_entry", kDrop, "A change of keys came in that breaks the rules, and was thrown away."},
    {750, "engine_chat_stuck", kFix, "A change of keys in this chat cannot be followed by this device, only by the other person's. Start a new chat with a new invite."},
    {751, "engine_log_flooded", kRetryLater, "The keys of this chat could not be changed: its key log is full of entries that break the rules. It is tried again later; messages go on."},
    {752, "engine_no_commit", kFix, "The keys of this chat cannot be changed any more: the other side has put a key into it that is of no use. Start a new chat with a new invite."},
    {760, "engine_not_bundle", kFix, "This is not a Godwit bundle. Choose the file that `godwit bundle write` made."},
    {761, "engine_bundle_damaged", kFix, "The bundle was cut or changed on its way. Nothing was taken from it; copy it again."},
    {762, "engine_bundle_newer", kFix, "The bundle was written by a newer version. Update Godwit and read it again."},
    {770, "engine_no_such_file", kFix, "There is no message with a file under this id, or it is too far back. `godwit history` shows the ids of files."},
    {771, "engine_file_too_large", kFix, "The file is larger than 2 GiB. Cut it into parts and send these."},
    {772, "engine_file_changed", kFix, "The file was changed, moved or removed while it was being sent. Send it again."},
    {773, "engine_file_gone", kFix, "The file is not at the home any more: it is kept there for 30 days. Ask for it again."},
    {774, "engine_file_damaged", kFix, "What the home gave is not what was stored there, and was thrown away. Try again; if it stays, ask for the file again."},
    {775, "engine_transfers_full", kRetryLater, "Too many files of this chat are on their way already, or this one is being fetched to another place. Wait until it is done."},
    {776, "engine_part_missing", kDrop, "What was fetched of the file before is not there any more. It is fetched from its beginning."},
    {790, "engine_not_bulletin", kFix, "This is not a home's bulletin. It starts with godwit-bulletin: and comes from `godwit routes share`."},
    {791, "engine_bulletin_damaged", kFix, "The bulletin was cut or changed on its way. Nothing was taken from it; copy it again."},
    {792, "engine_bulletin_newer", kFix, "The bulletin was written by a newer version. Update Godwit and take it again."},
    {793, "engine_bulletin_forged", kFix, "The bulletin is not signed by the home that it names. Nothing was taken from it; do not trust where it came from."},
    {794, "engine_bulletin_old", kFix, "The bulletin is out of date, or older than the one that is known. Ask for a new one."},
    {795, "engine_bulletin_unknown_home", kFix, "The bulletin is of a home to which this device has never been connected. Connect once, or take one of your own home or a contact's."},
    {796, "engine_no_bulletin", kRetryLater, "Your home has given no bulletin yet. Connect to it and try again; an old home gives none."},
    {798, "engine_bad_mail_account", kFix, "These settings of the mail account cannot be used. An address, smtps:// or smtp:// and imaps:// or imap:// servers, a user and a password are needed."},
    // api: for the program that speaks JSON
    {800, "api_not_json", kFix, "The line is not JSON. Send one JSON object per line, in UTF-8."},
    {801, "api_not_a_request", kFix, "The JSON is not a JSON-RPC 2.0 request. Send {\"jsonrpc\":\"2.0\",\"id\":...,\"method\":...,\"params\":{...}}."},
    {802, "api_unknown_method", kFix, "There is no such method. `godwit rpc --describe` lists them."},
    {803, "api_unknown_field", kFix, "The method has no such field. `godwit rpc --describe` lists them."},
    {804, "api_missing_field", kFix, "A field is missing that the method needs. `godwit rpc --describe` lists them."},
    {805, "api_wrong_type", kFix, "A field has the wrong type or does not fit. `godwit rpc --describe` lists the types."},
    {806, "api_line_too_long", kFix, "The line is longer than 1 MiB and was skipped. Send less at once."},
    {807, "api_too_many_pending", kRetryLater, "Too many requests wait for their answers. Wait for one of them, then ask again."},
    {808, "api_not_authenticated", kFix, "The token is missing or wrong. Say authenticate first, with the token that `godwit token` prints."},
    {809, "api_unknown_notice", kFix, "There is no such kind of notice. `godwit rpc --describe` lists them."},
    {810, "api_not_reading", kFix, "More than 16 MiB wait for this program, and the connection is closed. Read what comes; what was missed is in the history."},
    {811, "api_too_many_programs", kRetryLater, "Too many programs are connected already, and this connection is closed. End one of the others, then connect again."},
    // store: this device's disk, and a home's
    {900, "store_disk_full", kRetryLater, "The disk is full. Nothing was lost; free some space and try again."},
    {901, "store_corrupted", kStop, "A file of the store is damaged, and nothing more is written to it. Check the disk and restore the folder from a backup."},
    {902, "store_unavailable", kRetryLater, "The store does not answer at the moment. Try again."},
    {903, "store_locked", kFix, "Another program has this store open. End it first."},
    {904, "store_no_access", kFix, "The folder of the store cannot be made, read or written. Check its place and its permissions."},
    {905, "store_newer_version", kFix, "The store was written by a newer version. Update Godwit; nothing was changed."},
    // net: how a connection failed
    {1000, "unknown_failure", kRetryLater, "The connection failed in an unknown way. It is tried again."},
    {1001, "connection_refused", kRetryLater, "Nobody listens at the home's address. The home may be down; it is tried again."},
    {1002, "connection_reset", kRetryLater, "The connection was cut, by the home or by somebody in between. It is tried again."},
    {1003, "host_unreachable", kRetryLater, "The network knows no way to the home. Check the connection; it is tried again."},
    {1004, "network_unreachable", kRetryLater, "There is no network. It is tried again when there is one."},
    {1005, "generic_timeout_error", kRetryLater, "The home does not answer: it is down, or something in between swallows the connection. It is tried again."},
    {1006, "eof_error", kRetryLater, "The connection ended unexpectedly. It is tried again."},
    {1007, "dns_nxdomain_error", kRetryLater, "The home's name does not exist, or is being hidden from you. Check the link; it is tried again."},
    {1008, "dns_temporary_failure", kRetryLater, "The home's name could not be looked up. Check the connection; it is tried again."},
    {1009, "dns_no_answer", kRetryLater, "The home's name leads to no address. Check the link; it is tried again."},
    {1020, "ssl_failed_handshake", kRetryLater, "No secure connection could be made; what answers may not be a home. It is tried again."},
    {1021, "ssl_unknown_authority", kRetryLater, "The certificate at the home's address comes from nobody known: somebody may stand in between. Nothing was told to it."},
    {1022, "ssl_invalid_hostname", kRetryLater, "The certificate at the home's address is for another name: somebody may stand in between. Nothing was told to it."},
    {1023, "ssl_invalid_certificate", kRetryLater, "The certificate at the home's address is not valid. Check this device's clock; nothing was told to it."},
    {1024, "ssl_pin_mismatch", kRetryLater, "The certificate at the home's address is not the one in the link: the home has a new one, or somebody stands in between. Ask for a new link."},
    {1025, "ssl_broken_record", kRetryLater, "The connection was tampered with or damaged, and was closed. It is tried again."},
    {1040, "http_upgrade_refused", kRetryLater, "A web server answers at the home's address, but no home. Check the link; it is tried again."},
    {1041, "http_invalid_response", kRetryLater, "What answers at the home's address is not a home. Check the link; it is tried again."},
    {1042, "websocket_protocol_error", kRetryLater, "What answers at the home's address breaks the rules of WebSocket. It is tried again."},
    {1050, "transport_program_missing", kFix, "This route needs a program that is not installed (lyrebird or obfs4proxy, webtunnel-client, snowflake-client). Install it; other routes are tried."},
    {1051, "transport_program_hangs", kRetryLater, "The program of the transport does not become ready. It is started again later; other routes are tried."},
    {1052, "transport_program_ended", kRetryLater, "The program of the transport has ended by itself. It is started again later; other routes are tried."},
    {1060, "pipe_closed_by_us", kDrop, "The connection was closed as intended."},
    {1061, "pipe_closed_by_peer", kRetryLater, "The home has closed the connection. It is made anew when needed."},
    {1062, "pipe_full", kRetryLater, "The connection takes no more for the moment. It goes on by itself."},
    {1063, "pipe_closed", kCloseSession, "The connection has ended. Another is made."},
    {1080, "address_in_use", kFix, "Another program listens on this port. End it, or choose another port."},
    {1081, "address_forbidden", kFix, "The system does not allow listening there. Ports below 1024 need permission; choose another one."},
    {1082, "bad_address", kFix, "This is not an address of this machine. Use an IP address such as 0.0.0.0."},
    {1083, "certificate_unreadable", kFix, "The certificate cannot be read. It must be a PEM file that this program may read."},
    {1084, "private_key_unreadable", kFix, "The certificate's key cannot be read. It must be a PEM file without a passphrase that this program may read."},
    {1085, "private_key_is_not_the_certificates", kFix, "The key does not belong to the certificate. Give the pair that was made together."},
    {1086, "site_folder_unreadable", kFix, "The folder of the web site cannot be read. Check its place and its permissions."},
    {1087, "bad_net_option", kFix, "A setting of the network cannot be used as it is. Check the configuration."},
    {1088, "system_resources", kRetryLater, "The system has no more memory or file descriptors for this. Close something and try again."},
    {1089, "bad_socket_path", kFix, "The socket cannot be made at this path: it is longer than 107 bytes, something else is there, or the folder does not allow it. Give another with --socket."},
    {1090, "mail_login_refused", kFix, "The mail provider does not accept the user and the password. Many providers want a password made for one program (\"app password\") and IMAP switched on in their settings."},
    {1091, "mail_letter_refused", kFix, "The mail provider refuses the letter: the receiver does not exist, or this account may not send from its address. Check the addresses."},
    {1092, "mail_provider_busy", kRetryLater, "The mail provider says that it cannot take the letter now. It is tried again."},
    {1093, "mail_without_tls", kFix, "The mail server offers no encryption, or somebody on the way hides it; nothing was told to it. Use smtps:// and imaps:// addresses."},
    {1094, "bad_mail_account", kFix, "This is not a mail account. It has an address (anna@mail.example), smtps://host, imaps://host, a user and a password."},
    {1095, "mail_letter_unreadable", kDrop, "A letter came that is not meant for Godwit, or was changed by a mail provider. It is left alone."},
    {1096, "mail_invalid_response", kRetryLater, "The mail provider gives answers that make no sense. Check the imaps:// address; it is tried again."},
    {1097, "mail_letter_returned", kFix, "The letter came back: the receiver's mail provider did not take it. Check the home's mail address."},
    {1098, "mail_queue_full", kRetryLater, "Too many letters wait to be sent by mail already. It is tried again."},
    // cli
    {1200, "cli_no_profile", kFix, "There is no profile in this folder. Make one with `godwit new`, or name the right folder with --profile."},
    {1201, "cli_profile_exists", kFix, "There is a profile in this folder already. Choose another folder with --profile to make a second one."},
    {1202, "cli_profile_in_use", kFix, "This profile is open in another Godwit. End that one first; nothing was changed."},
    {1203, "cli_profile_no_access", kFix, "The profile's folder cannot be made, read or written. Check its place and its permissions."},
    {1210, "cli_no_passphrase", kFix, "A passphrase is needed, and there is no terminal to ask for it. Give --passphrase-file, --key-file or GODWIT_PASSPHRASE; for an archive --archive-passphrase-file."},
    {1211, "cli_passphrases_differ", kFix, "The two passphrases are not the same. Start again."},
    {1212, "cli_passphrase_file", kFix, "The passphrase file cannot be read. Its first line is the passphrase."},
    {1213, "cli_key_file", kFix, "The key file cannot be read or written. It has 64 hexadecimal digits and belongs to you alone."},
    {1214, "cli_key_file_exists", kFix, "There is a file of that name already, and it is not a key file. Choose another name for the key file."},
    {1215, "cli_key_file_wanted", kFix, "This profile opens with a key file, not with a passphrase. Give it with --key-file."},
    {1216, "cli_passphrase_wanted", kFix, "This profile opens with a passphrase, not with a key file. Leave --key-file out."},
    {1220, "cli_timed_out", kRetryLater, "It did not happen in the time given. What was begun goes on with the next command."},
    {1221, "cli_interrupted", kRetryLater, "Interrupted. What was begun goes on with the next command."},
    {1222, "cli_no_input", kFix, "There is nothing to send: the input is empty."},
    {1223, "cli_crypto_unready", kStop, "The cryptography of this system cannot be used safely. Check the installation; nothing was done."},
    {1224, "cli_still_queued", kRetryLater, "The home could not be reached in time. The message is queued on this device and goes out with the next command or `godwit listen`."},
    {1225, "cli_no_name", kFix, "A name and the link of a home are needed, and there is no terminal to ask for them. Give --name and --home."},
    {1226, "cli_no_output", kFix, "Standard output cannot be written to any more. Check where it leads."},
    {1227, "cli_file_no_access", kFix, "The file cannot be read, or none can be made there. Check the path and its permissions."},
    {1228, "cli_file_exists", kFix, "There is a file of that name already, and it is not replaced. Choose another place."},
    {1229, "cli_not_confirmed", kFix, "It was not confirmed, so nothing was changed. Say yes when asked, or give --yes."},
    {1230, "cli_profile_served", kFix, "This profile is open in `godwit serve`. Talk to it through its socket (docs/protocol/api.md), or end it first; nothing was changed."},
    {1231, "cli_token_file", kFix, "The file api/token in the profile cannot be read or made, or others can read or change it or its folder. `godwit token --renew` makes a new one that nobody else knows."},
    {1232, "cli_number_differs", kFix, "The number is not the one of this chat: somebody may stand between you, or the code is of another person or an old account. Nothing was noted. Do not tell each other secrets here; meet, and add each other anew."},
    {1233, "cli_not_number", kFix, "That is no safety number: it has 60 digits (blanks between them do no harm), or begins with godwit:v#."},
    {1239, "cli_bad_day", kFix, "This is no day. Write it as 2024-12-31."},
    {1240, "cli_other_recovery_key", kFix, "This is the recovery key of another account. Give the one that was shown when this account was made, or use a passphrase."},
    {1241, "cli_archive_other_lock", kFix, "This archive is locked in the other way: by a passphrase if you gave the recovery key, and the reverse. Give the other one."},
    // engine: groups
    {1400, "engine_not_member", kFix, "You are not a member of this chat any more: you left it, or were removed. You can still read it."},
    {1401, "engine_not_allowed", kFix, "Your role in this group does not allow that. Ask an admin or an owner."},
    {1402, "engine_no_such_member", kFix, "Nobody with this account is in the chat. List its members."},
    {1403, "engine_not_group", kFix, "This is a chat of two, and what was asked is about groups."},
    {1404, "engine_not_direct", kFix, "This is a group, and what was asked is about a chat of two."},
    {1405, "engine_no_such_contact", kFix, "There is no chat with this person over which to ask for keys. Meet by an invite first."},
    {1406, "engine_group_full", kFix, "The group has as many devices as it can have. Remove some, or make another group."},
    {1407, "engine_last_owner", kFix, "You are the last owner of this group. Make somebody else owner first."},
    {1408, "engine_overtaken", kFix, "The group has changed meanwhile, so that this makes no sense any more. Look at it again."},
    {1409, "engine_bad_setting", kFix, "There is no such role, or slow mode was asked for more than a day. Choose another."},
    {1410, "engine_too_soon", kRetryLater, "This group is in slow mode, and you have just written. Wait a while and send it again."},
    // what is said and done in chats
    {1420, "engine_no_such_message", kFix, "There is no such message in this chat, or it has disappeared. Look at the chat again."},
    {1421, "engine_not_your_message", kFix, "Only the one who sent this message can do that."},
    {1422, "engine_not_editable", kFix, "This message cannot be edited: only texts, and what stands under files. Send a new one."},
    {1423, "engine_bad_formatting", kFix, "The formatting does not fit the text, or a link does not begin with http, https or mailto. Correct it."},
    {1424, "engine_bad_reaction", kFix, "A reaction is one emoji or a short word. Choose another."},
    {1425, "engine_bad_poll", kFix, "A poll needs a question, 2 to 32 different options, and an end that is not over. Correct it."},
    {1426, "engine_bad_vote", kFix, "This is not a poll, or it has no such option, or takes one choice only. Choose again."},
    {1427, "engine_poll_closed", kFix, "This poll has ended and takes no more votes."},
    {1428, "engine_bad_timer", kFix, "Messages can disappear after 5 seconds to a year. Choose a time between."},
    {1429, "engine_bad_location", kFix, "This is no place on the earth, or its name is too long. Correct it."},
    {1430, "engine_bad_contact", kFix, "A contact needs a name of 1 to 64 characters, and a text of at most 4 KiB. Correct it."},
    {1431, "engine_not_forwardable", kFix, "This message cannot be forwarded: it was taken back, or this version cannot show it, or its file is still being sent."},
    {1432, "engine_scheduled_full", kFix, "As many messages of this chat as may wait for their time do so already. Cancel one first."},
    {1433, "engine_bad_media", kFix, "The picture, waveform or sticker is too large, or its names are not right. Send it as a file."},
    // engine again: search and chats that are only kept
    {1440, "engine_nothing_to_search", kFix, "There is no word in this to search for. Give at least one."},
    {1441, "engine_chat_only_kept", kFix, "This chat was imported and is only read. Write to the person in a chat of your own."},
    // engine: names, contact requests, blocks and channels
    {1470, "engine_bad_name", kFix, "This cannot be a name. It has 3 to 32 characters: letters of one script (Latin or Cyrillic), digits, and single . _ - between them."},
    {1471, "engine_name_taken", kFix, "Somebody else has this name at your home. Choose another one."},
    {1472, "engine_has_name", kFix, "You have a name already, or a claim is under way. Give it back before you take another one."},
    {1473, "engine_no_such_name", kFix, "There is no such name at that home, or it has another passcode. Check both."},
    {1474, "engine_unknown_name_home", kFix, "The home behind the @ is not yours. Ask for its link (godwit-home:...) and give it as well."},
    {1475, "engine_no_such_invite", kFix, "There is no such invite for many, or it is over already."},
    {1476, "engine_no_such_request", kFix, "There is no such contact request any more."},
    {1477, "engine_request_damaged", kFix, "This contact request is damaged or forged, and was removed."},
    {1478, "engine_not_blocked", kFix, "This account is not blocked."},
    {1479, "engine_bad_invite_days", kFix, "An invite for many is good for 1 to 365 days."},
    {1480, "engine_no_such_channel", kFix, "There is no such channel in this profile, or it is your own."},
    {1481, "engine_not_channel_owner", kFix, "Only its owner writes into a channel."},
    {1482, "engine_no_such_post", kFix, "There is no such post in this channel, or not any more."},
    {1483, "engine_channel_forked", kFix, "The channel's home shows another history than before. Nothing more of it is believed; ask its owner, and follow it anew."},
    {1484, "engine_channel_gone", kFix, "The channel's home does not have it any more: its owner or the home's operator has taken it away."},
    {1485, "engine_report_damaged", kFix, "This is not a report, or it does not prove what it claims: nobody with the channel's key has signed it."},
    {1486, "engine_too_much_work", kFix, "This home asks for more and more computing before it answers. Try again later, or ask for another way to reach this person."},
    {1487, "engine_too_many_claims", kFix, "Your home lets one account try a few names a day only. Try again in some hours."},
    {1488, "engine_passcode_short", kFix, "A passcode has at least 6 characters: a short one is guessed."},
    // links of groups
    {1520, "engine_group_link_expired", kFix, "The day of this link is over. Ask for another."},
    {1521, "engine_group_link_gone", kFix, "This link of a group does not lead in any more: it was revoked, or who made it is no admin now. Ask for another."},
    {1522, "engine_group_link_used_up", kFix, "As many people as this link was for have come by it. Ask for another."},
    {1523, "engine_group_barred", kFix, "You were removed from this group, so no link leads back. Ask an admin to add you."},
    {1524, "engine_join_refused", kFix, "An admin of the group did not let you in."},
    {1525, "engine_already_in_group", kFix, "You are in this group already."},
    {1526, "engine_no_such_group_link", kFix, "The group has no such link, or not any more. Look at the list."},
    {1527, "engine_no_such_join_request", kFix, "Nobody like that waits to be let in: another admin may have answered. Look at the list."},
    {1528, "engine_group_links_full", kFix, "A device keeps at most 8 links, a group at most 32. Revoke one first."},
    {1529, "engine_bad_link_terms", kFix, "A link is good for at most 1,000 people and at most 365 days. Choose less."},
    {1530, "engine_join_unanswered", kFix, "Nobody has answered for 30 days. Ask for another link."},
    {1531, "engine_returning", kRetryLater, "This device has lost the keys of a chat. Other members are asked to let it in again; what was said stays."},
    // imports
    {1600, "imports_not_export", kFix, "This is neither a chat that WhatsApp has exported nor a result.json of Telegram Desktop. Choose \"Export chat\" there, or the JSON format."},
    {1601, "imports_export_damaged", kFix, "The export is damaged or breaks off. What came before that was taken in; export it again and import that: nothing is doubled."},
    {1602, "imports_export_too_large", kFix, "Something in the export is larger than any messenger writes. Export the chat again, without changing the file."},
    {1610, "imports_zip_damaged", kFix, "The zip file is damaged, cut off or locked with a password. Export the chat again; nothing is doubled."},
    {1611, "imports_zip_bomb", kFix, "The zip file would unpack into far more than a chat can be, and is not opened. If you trust it, unpack it yourself and import what is in it."},
    {1612, "imports_zip_no_chat", kFix, "There is no chat in this zip file: neither a text of WhatsApp nor a result.json of Telegram."},
    // archives
    {1620, "archive_not_archive", kFix, "This file is not an archive of Godwit. Choose another one; nothing was changed."},
    {1621, "archive_cut", kFix, "The archive breaks off before its end: it was not copied whole. Copy it again, or take an older one; nothing was changed."},
    {1622, "archive_damaged", kFix, "The archive is damaged: some of its bytes are not as they were written. Take another copy; nothing was changed."},
    {1623, "archive_other_key", kFix, "This passphrase or recovery key does not open the archive. Try the one that it was made with."},
    {1624, "archive_newer", kFix, "A later version of Godwit has written this archive. Update, and try again."},
});
// clang-format on

std::string_view message_of_action(Action action) {
  switch (action) {
    case kDrop:
      return "Something came in that breaks the rules, and was thrown away.";
    case kCloseSession:
      return "The connection is of no use any more. Another is made.";
    case kRetryLater:
      return "It did not work this time. Try again later.";
    case kFix:
      return "This cannot be done as it was asked. Update Godwit; if it stays, report it.";
    case kStop:
      return "Going on could lose data, so Godwit stops. Restart it; if it stays, report it.";
  }
  return "Something went wrong. Restart Godwit; if it stays, report it.";
}

}  // namespace

std::span<const CodeMessage> messages() { return kMessages; }

std::string_view message_of(const ErrorCode& code) {
  const auto found = std::find_if(kMessages.begin(), kMessages.end(),
                                  [&](const CodeMessage& each) { return each.number == code.number; });
  return found == kMessages.end() ? message_of_action(code.action) : found->sentence;
}

std::string explain(const Error& error) {
  std::string out(message_of(error.code));
  out += " [";
  out += error.code.name;
  if (error.rule != nullptr && *error.rule != '\0') {
    out += "; ";
    out += error.rule;
  }
  out += "]";
  return out;
}

}  // namespace godwit::api
