#pragma once
// Errors of net/: block 1000. Those that tell how a network failed have the names that OONI's measurements use
// (ooni/spec, df-007-errors), so that reports can be compared.

#include "base/error.h"

namespace godwit::net {

// How a connection failed, or ended. kRetryLater: dial again when routes::DialPacer allows it, or another route.
inline constexpr ErrorCode kUnknownFailure{1000, Action::kRetryLater, "unknown_failure"};
inline constexpr ErrorCode kConnectionRefused{1001, Action::kRetryLater, "connection_refused"};
inline constexpr ErrorCode kConnectionReset{1002, Action::kRetryLater, "connection_reset"};
inline constexpr ErrorCode kHostUnreachable{1003, Action::kRetryLater, "host_unreachable"};
inline constexpr ErrorCode kNetworkUnreachable{1004, Action::kRetryLater, "network_unreachable"};
/// Silence: no answer to a dial in time, or a route that died with data outstanding (routes::StallWatch).
inline constexpr ErrorCode kGenericTimeout{1005, Action::kRetryLater, "generic_timeout_error"};
/// The peer ended the TCP connection without a WebSocket close frame.
inline constexpr ErrorCode kEof{1006, Action::kRetryLater, "eof_error"};
inline constexpr ErrorCode kDnsNxdomain{1007, Action::kRetryLater, "dns_nxdomain_error"};
inline constexpr ErrorCode kDnsTemporaryFailure{1008, Action::kRetryLater, "dns_temporary_failure"};
inline constexpr ErrorCode kDnsNoAnswer{1009, Action::kRetryLater, "dns_no_answer"};

// TLS: nothing was said to the peer yet, and what it said is not used.
inline constexpr ErrorCode kSslFailedHandshake{1020, Action::kRetryLater, "ssl_failed_handshake"};
inline constexpr ErrorCode kSslUnknownAuthority{1021, Action::kRetryLater, "ssl_unknown_authority"};
inline constexpr ErrorCode kSslInvalidHostname{1022, Action::kRetryLater, "ssl_invalid_hostname"};
inline constexpr ErrorCode kSslInvalidCertificate{1023, Action::kRetryLater, "ssl_invalid_certificate"};
/// The certificate is not the pinned one: somebody is in the middle, or the home has a new certificate.
inline constexpr ErrorCode kSslPinMismatch{1024, Action::kRetryLater, "ssl_pin_mismatch"};
/// A record that does not decrypt, after the handshake.
inline constexpr ErrorCode kSslBrokenRecord{1025, Action::kRetryLater, "ssl_broken_record"};

// HTTP and WebSocket.
/// The server answered, but did not switch to WebSocket: not a home, or another path.
inline constexpr ErrorCode kUpgradeRefused{1040, Action::kRetryLater, "http_upgrade_refused"};
inline constexpr ErrorCode kBadHttp{1041, Action::kRetryLater, "http_invalid_response"};
inline constexpr ErrorCode kBadWebSocket{1042, Action::kRetryLater, "websocket_protocol_error"};

// Programs of pluggable transports.
/// It is not installed, or may not be run.
inline constexpr ErrorCode kPtMissing{1050, Action::kFix, "transport_program_missing"};
/// It does not say in time that it is ready.
inline constexpr ErrorCode kPtHangs{1051, Action::kRetryLater, "transport_program_hangs"};
inline constexpr ErrorCode kPtEnded{1052, Action::kRetryLater, "transport_program_ended"};

// How a pipe ended in good order, and what a pipe refuses.
inline constexpr ErrorCode kClosedByUs{1060, Action::kDrop, "pipe_closed_by_us"};
inline constexpr ErrorCode kClosedByPeer{1061, Action::kRetryLater, "pipe_closed_by_peer"};
/// The bound kPipeQueueBytesMax: nothing of these bytes was taken; send them after on_drained.
inline constexpr ErrorCode kPipeFull{1062, Action::kRetryLater, "pipe_full"};
/// send() after the end: the bytes are not sent.
inline constexpr ErrorCode kPipeClosed{1063, Action::kCloseSession, "pipe_closed"};

// Configuration: a person has to change something.
inline constexpr ErrorCode kAddressInUse{1080, Action::kFix, "address_in_use"};
inline constexpr ErrorCode kAddressForbidden{1081, Action::kFix, "address_forbidden"};
inline constexpr ErrorCode kBadAddress{1082, Action::kFix, "bad_address"};
inline constexpr ErrorCode kBadCertificate{1083, Action::kFix, "certificate_unreadable"};
inline constexpr ErrorCode kBadPrivateKey{1084, Action::kFix, "private_key_unreadable"};
inline constexpr ErrorCode kKeyMismatch{1085, Action::kFix, "private_key_is_not_the_certificates"};
inline constexpr ErrorCode kBadSiteFolder{1086, Action::kFix, "site_folder_unreadable"};
inline constexpr ErrorCode kBadOption{1087, Action::kFix, "bad_net_option"};
/// The operating system refuses us something basic: descriptors, memory, epoll.
inline constexpr ErrorCode kSystem{1088, Action::kRetryLater, "system_resources"};
/// A Unix socket cannot be made at this path.
inline constexpr ErrorCode kBadSocketPath{1089, Action::kFix, "bad_socket_path"};

// Mail.
/// The provider does not accept user and password: repeating it gets the account locked.
inline constexpr ErrorCode kMailLogin{1090, Action::kFix, "mail_login_refused"};
/// The provider refuses this letter for good: no such receiver, or not from this sender.
inline constexpr ErrorCode kMailRefused{1091, Action::kFix, "mail_letter_refused"};
/// The provider says: later.
inline constexpr ErrorCode kMailLater{1092, Action::kRetryLater, "mail_provider_busy"};
/// The provider, or somebody on the way, does not offer STARTTLS: nothing was told to it.
inline constexpr ErrorCode kMailNoTls{1093, Action::kFix, "mail_without_tls"};
inline constexpr ErrorCode kBadMailAccount{1094, Action::kFix, "bad_mail_account"};
/// A letter that is none of ours, or was changed on the way.
inline constexpr ErrorCode kBadLetter{1095, Action::kDrop, "mail_letter_unreadable"};
/// What answers does not speak IMAP, or breaks off.
inline constexpr ErrorCode kBadImap{1096, Action::kRetryLater, "mail_invalid_response"};
/// A letter came back: the receiver's provider did not take it.
inline constexpr ErrorCode kMailReturned{1097, Action::kFix, "mail_letter_returned"};
/// The bounds kLettersWaitingMax and kLetterBytesMax: nothing was taken.
inline constexpr ErrorCode kMailFull{1098, Action::kRetryLater, "mail_queue_full"};

}  // namespace godwit::net
