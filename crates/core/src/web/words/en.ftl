# Menu and frame
menu = Menu
menu-home = Home
menu-messages = Messages
menu-webhooks = Webhooks
menu-settings = Settings
menu-access = Access
menu-logs = Logs
menu-simulator = Simulator
menu-about = About
skip = Skip to the content
title-refused = Error: { $name }
sign-in = Sign in
sign-out = Sign out
away = No connection to the gateway since { $n }. The page shows the state of that moment. Nothing can be sent until the connection is back; what you typed is kept. Retrying…
user = User
password = Password
sign-in-hint = Use the user and password of the API. The terminal or the app that started the gateway shows them.
sign-in-wrong = The user or the password is wrong.
sign-in-throttled = Too many wrong passwords from this address. Wait a while and try again.
sign-in-link-used = This sign-in link has expired or was already used. Sign in here.
refused = That did not work
refused-origin = This request did not come from a page of this gateway. Reload the page and try again.
refused-token = You have signed in again since this form was opened. Reload the page and try again.
refused-form = This page has no such form.
refused-large = This is too long. Shorten it.
refused-incomplete = The form was incomplete. Send it again.
refused-path = Page not found.
refused-method = Method not allowed here.
not-found = This item no longer exists.
done-saved = Saved.
done-added = Webhook added. Send a test to check that it works.
done-deleted = Deleted.
done-replayed = The delivery was queued again.
done-received = Message received.
deliveries-replayed = { $n ->
    [one] { $n } delivery was queued again.
   *[other] { $n } deliveries were queued again.
}
deliveries-replayed-none = There was nothing to redeliver.
deliveries-discarded = { $n ->
    [one] { $n } delivery was discarded.
   *[other] { $n } deliveries were discarded.
}
deliveries-discarded-none = There was nothing to discard.
deliveries-tried = { $n ->
    [one] { $n } delivery is due now.
   *[other] { $n } deliveries are due now.
}
deliveries-tried-none = No delivery was waiting for a retry.
# Small words
save = Save
add = Add
edit = Edit
delete = Delete
replace = Replace
show = Show
copy = Copy
copied = Copied
all = All
details = Details
pages = Pages
newest = Newest
older = Older
looked-none = None among the newest { $n }.
looked-further = Search further
from = From
to = To
text = Text
kind = Kind
state = State
event = Event
message = Message
webhook = Webhook
delivery = Delivery
never = never
none-within = none in the last { $n } days
unchanged = unchanged
forget = Remove the stored value
type-again = This field was cleared. Type it again.
# Times
time-now = now
time-seconds-ago = { $n ->
    [one] { $n } second ago
   *[other] { $n } seconds ago
}
time-minutes-ago = { $n ->
    [one] { $n } minute ago
   *[other] { $n } minutes ago
}
time-hours-ago = { $n ->
    [one] { $n } hour ago
   *[other] { $n } hours ago
}
time-days-ago = { $n ->
    [one] { $n } day ago
   *[other] { $n } days ago
}
time-seconds-ahead = { $n ->
    [one] in { $n } second
   *[other] in { $n } seconds
}
time-minutes-ahead = { $n ->
    [one] in { $n } minute
   *[other] in { $n } minutes
}
time-hours-ahead = { $n ->
    [one] in { $n } hour
   *[other] in { $n } hours
}
time-days-ahead = { $n ->
    [one] in { $n } day
   *[other] in { $n } days
}
length-ms = { $n } ms
length-s = { $n } s
length-min = { $n } min
length-h = { $n } h
length-d = { $n ->
    [one] { $n } day
   *[other] { $n } days
}
length-y = { $n ->
    [one] { $n } year
   *[other] { $n } years
}
# Home
state-running = Running
state-running-why = Receiving messages and delivering webhooks.
state-problems = Running, with problems
state-problems-why = Receiving messages and delivering webhooks, but something needs your attention.
state-offline = Offline
state-offline-why = Messages are still received and stored. Webhooks will be delivered when the connection is back.
state-stopped = Stopped
state-stopped-why = Messages are stored, but webhooks are not delivered until the gateway is started.
state-full = Storage full
state-full-why = Nothing new can be stored. Free some space on the device; the gateway then resumes automatically.
state-damaged = Database damaged
state-damaged-why = Part of the stored data cannot be read. The rest still works. On a phone, restart the app; elsewhere, stop the gateway and run simrelay recover.
state-recovered = Database recovered
state-recovered-why = The database was damaged. Everything that could be read is in a new file. See the notice above.
recovered = The database was damaged and has been recovered:
recovered-lost = Some of the stored data is lost. The damaged file is kept beside the new one. Rows known to be missing:
recovered-kept = Nothing is known to be lost. The damaged file is kept beside the new one.
recovered-seen = I have seen it
home-no-webhooks = There is no webhook yet, so received messages go nowhere.
home-reach = API access
address = Address
device = Device
device-name = Name
device-id = Device id
no-sim = No SIM card
battery = Battery
charging = charging
network = Network
online = internet available
offline = no internet
network-none = not connected
network-unknown = unknown
network-cellular = mobile data
network-wifi = Wi-Fi
network-ethernet = cable
last-in = Last message received
last-out = Last webhook delivered
last-handed = Last message sent
waiting-messages = Messages waiting to be sent
queue = Webhook deliveries waiting
dead = Failed for good
warning-offline = There is no internet connection.
warning-battery = The battery is low. Connect the charger.
warning-broken = A task of the gateway crashed because of a bug and was restarted.
warning-reading = The storage cannot be read.
warning-storage = The storage is full or cannot be written to.
warning-device = This device cannot open connections at the moment. Webhooks wait without using up retries.
warning-damaged = Part of the database is damaged.
warning-recovered = The database was damaged and has been recovered; some data may be lost.
warning-removed = Webhook deliveries that never succeeded were removed after 30 days. Check the failing webhooks.
warning-failed = { $n ->
    [one] { $n } message failed in the last hour.
   *[other] { $n } messages failed in the last hour.
}
warning-webhooks = { $n ->
    [one] { $n } webhook is failing.
   *[other] { $n } webhooks are failing.
}
warning-dead = { $n ->
    [one] { $n } delivery failed for good.
   *[other] { $n } deliveries failed for good.
}
look = View
deliver-all = Redeliver all
noted = I have seen it
# Messages
messages-empty = No messages yet. Send an SMS to this device.
unknown-sender = unknown sender
no-text = no text
attachment = Attachment
timeline = What happened
timeline-sent = received by the network
timeline-kept = stored on this device
timeline-nobody = No webhook was registered for this event.
timeline-forgotten = Its deliveries are no longer stored. Successful deliveries are kept for { $n } days.
came-in = Incoming
goes-out = Outgoing
direction = Direction
messages-none = No messages.
messages-all = Show all messages
more-recipients = { $n ->
    [one] and { $n } more
   *[other] and { $n } more
}
more-deliveries = { $n ->
    [one] and { $n } more delivery:
   *[other] and { $n } more deliveries:
}
encrypted = encrypted
encrypted-number = encrypted number
out-pending = queued
out-cancelling = being cancelled
out-cancelled = cancelled
out-processed = sending
out-sent = sent
out-delivered = delivered
out-failed = failed
parts = Parts
parts-count = { $n ->
    [one] { $n } part
   *[other] { $n } parts
}
parts-done = parts: { $n }, sent: { $sent }, delivered: { $delivered }
not-before = Scheduled for
not-after = Expires
report = Delivery report
wanted = requested
not-wanted = not requested
recipients = Recipients
timeline-asked = request accepted
# Webhooks
webhooks-before = Previous webhooks
webhooks-more = More webhooks
webhooks-empty = No webhooks yet. Add the URL that messages are to be posted to.
webhook-add = Add a webhook
webhook-id = Id
webhook-id-hint = Leave it empty to generate one.
webhook-delete = Delete this webhook
webhook-delete-why = Its pending deliveries will be cancelled, and those that failed for good will be discarded.
webhook-gone = This webhook has been deleted in the meantime, so nothing was saved. Add it again if you still need it.
send-test = Send test
deliveries = Deliveries
deliveries-empty = No deliveries. Every event creates one.
dead-title = Deliveries that failed for good
dead-empty = No delivery has failed for good.
discard-all = Discard all
discard-why = They will not be attempted again and no longer count as a problem. Their record is kept for 7 days.
last-attempt = Last attempt:
waiting = Waiting
retrying = Retrying
health-new = No deliveries yet
health-waiting = waiting for the first attempt
health-good = working
health-bad = failing
state-pending = waiting
state-delivered = delivered
state-dead = failed for good
state-cancelled = cancelled
queued = Created
settled = Finished
goes-on = Next
next-attempt = next attempt
attempt-of = attempt { $n } of { $max }
due-turn = due, waiting for its turn
due-offline = due, waiting for the internet
due-stopped = due, waiting until the gateway is started
sending-now = being sent now ({ $n } s)
messages-count = { $n ->
    [one] { $n } message
   *[other] { $n } messages
}
attempts = Attempts
attempts-none = No attempts yet.
attempts-count = { $n ->
    [one] { $n } attempt
   *[other] { $n } attempts
}
attempt-signature = Timestamp and signature
request = Request
request-url = This is the webhook's current URL.
request-signed = Each attempt has its own timestamp and signature. They are listed with the attempts and computed with the current signing key.
copy-body = Copy body
copy-curl = As a curl command
copy-curl-why = It sends the body again, with a fresh timestamp and signature. It contains the full URL, including any keys.
body-cut = Only the beginning of the body is shown; it has { $n } bytes. Full body:
open-message = Show the message
answer = The receiver's response
try-now = Try now
try-all = Try all waiting now
waiting-later = { $n ->
    [one] { $n } delivery waits for its next attempt.
   *[other] { $n } deliveries wait for their next attempt.
}
replay = Redeliver
replay-what = Which deliveries
replay-since = Created since
replay-since-hint = Required for delivered ones. If it is empty, all that failed for good are redelivered.
replay-when = Choose a start time, so that nothing is sent twice by accident.
replay-nowhere = The webhook was deleted, so there is nowhere to deliver to.
class-timeout = no answer in time
class-connect = no connection
class-tls = certificate or TLS
class-dns = name not found
class-closed = connection closed
class-not-allowed = not allowed
class-other = failed
test-passed = Test delivered
test-failed = Test failed
step-url = URL allowed
step-network = Internet
step-name = DNS lookup
step-connection = Connection
step-tls = Certificate and TLS
step-http = Response
# Settings
group-messages = Messages
group-ping = Heartbeat
group-logs = Logs
group-webhooks = Webhooks
group-encryption = Encryption
group-gateway = Cloud and private server
group-device = Device id
group-ui = This page
range = { $min } to { $max } { $what }.
unit-seconds = seconds
unit-days = days
unit-messages = messages
unit-retries = retries
language-auto = The browser's language
schedule = { $n ->
    [one] { $n } retry, about { $after } after the first attempt
   *[other] { $n } retries, the last one about { $after } after the first attempt
}
schedule-others = Show all retry counts
signing-key-elsewhere = The signing key is under Access.
set-messages-send_interval_min = Shortest delay
help-messages-send_interval_min = The shortest delay between two messages.
set-messages-send_interval_max = Longest delay
help-messages-send_interval_max = The longest delay between two messages; the actual one is random in between.
set-messages-limit_period = Rate limit period
help-messages-limit_period = The period to which the rate limit applies.
set-messages-limit_value = Rate limit
help-messages-limit_value = How many messages are sent at most per period; 0 means no limit.
set-messages-work_hours_enabled = Only during working hours
help-messages-work_hours_enabled = Send only during working hours; messages of priority 100 and above are sent at any time.
set-messages-work_hours_start = Start of working hours
help-messages-work_hours_start = When working hours start.
set-messages-work_hours_end = End of working hours
help-messages-work_hours_end = When working hours end. If that is earlier than the start, they run overnight.
set-messages-sim_selection_mode = Default SIM
help-messages-sim_selection_mode = The SIM for messages that do not choose one.
set-messages-log_lifetime_days = Keep messages
help-messages-log_lifetime_days = How long messages are kept. If empty or 0, they are kept forever.
set-messages-processing_order = Order
help-messages-processing_order = Which message of a priority is sent first: the newest (LIFO) or the oldest (FIFO).
set-ping-interval_seconds = Heartbeat interval
help-ping-interval_seconds = The time between two system:ping events. If empty or 0, none are sent.
set-logs-lifetime_days = Keep the log
help-logs-lifetime_days = How long log entries are kept; 0 means forever.
set-webhooks-internet_required = Require internet
help-webhooks-internet_required = While the device is offline, hold deliveries without using up retries. Turn this off for receivers in the local network.
set-webhooks-retry_count = Retries
help-webhooks-retry_count = How often a failed delivery is retried: after 10 s, 20 s, 40 s and so on.
set-webhooks-signing_key = Signing key
set-webhooks-allow_http = Receivers without TLS
help-webhooks-allow_http = Which receivers may get webhooks without TLS: this device (loopback), private networks, or any.
set-webhooks-ca_certificates = Additional trusted certificates
help-webhooks-ca_certificates = Certificates in PEM form to trust in addition to the system's, for receivers with their own authority or a self-signed certificate.
set-webhooks-trust_smsgate_ca = Trust SMSGate's authority
help-webhooks-trust_smsgate_ca = For receivers with a certificate from ca.sms-gate.app. It is trusted only if the webhook's URL names a private address.
set-encryption-passphrase = Passphrase
help-encryption-passphrase = The passphrase for encrypted messages. It is never shown.
set-gateway-cloud_url = Server
help-gateway-cloud_url = The server for Cloud or Private mode. It has no effect yet.
set-gateway-private_token = Token
help-gateway-private_token = The token for a private server. It is never shown and has no effect yet.
set-gateway-notification_channel = Wake-up
help-gateway-notification_channel = How the server wakes this device. It has no effect yet.
set-device-id = Device id
help-device-id = The id of the phone that this one replaces, for clients and receivers that know it. If empty, the device uses its own. What is already queued keeps its id.
set-device-other_ids = Further ids
help-device-other_ids = More ids by which clients may address this device, separated by spaces.
set-ui-language = Language
help-ui-language = The language of this page.
# Access
access-change = User, password and port
password-now = Current password
password-new = New password
password-new-hint = 8 to 128 characters. A new password signs everyone out, including you, and revokes all tokens.
password-wrong = The password is wrong.
user-wrong = The user must have 1 to 64 characters and no colon.
port = Port
port-hint = A whole number from 1024 to 65535.
port-moved = The page is now at another port:
port-elsewhere = The port of this program is set when it is started:
signing-key = Signing key
signing-key-why = Receivers use it to check that a webhook comes from this gateway. A new key is used from the next attempt.
signing-key-new = New key
signing-key-random = a random one
# Logs
priority = Priority
log-info = info
log-warn = warning
log-error = error
logs-empty = No log entries yet.
logs-none = No entries of this kind.
logs-all = Show all entries
# Simulator
simulator-empty = Receive an SMS here and watch it being delivered to the webhooks.
simulator-receive = Receive this SMS
simulator-nobody = no webhook
simulator-send-first = Nothing has been sent yet. This command makes the phone send an SMS; the password is on the Home screen.
simulator-send-more = Make the phone send an SMS:
simulator-fates = The last four digits decide what the simulated network does with the message. The API description lists them:
# About
about = SimRelay turns a phone with a SIM card into an SMS gateway. It delivers received messages as webhooks and loses none on the way.
version = Version
zone = Time zone
licence = Licence
# Choices of settings
choice-disabled = no limit
choice-perminute = a minute
choice-per30minutes = 30 minutes
choice-perhour = an hour
choice-perday = a day
choice-osdefault = the phone's default SIM
choice-roundrobin = alternate
choice-random = random
choice-lifo = newest first (LIFO)
choice-fifo = oldest first (FIFO)
choice-loopback = this device only
choice-private = private networks too
choice-any = anywhere
choice-auto = automatic
choice-sse_only = server-sent events only
# What is wrong with what was entered
problem-number = { $name }: enter a whole number from { $min } to { $max } ({ $what }).
problem-text = { $name }: enter a text of { $min } to { $max } characters, not only spaces.
problem-time = { $name }: enter a time of day from 00:00 to 23:59.
problem-url = { $name }: enter an http:// or https:// URL of at most 2048 characters.
problem-device-id = { $name }: use letters, digits and the signs - _ . : ~ @ + only, at most 64 characters per id and at most 16 ids.
problem-certificates = { $name }: enter one or more certificates in PEM form (-----BEGIN CERTIFICATE----- …), at most 262144 characters.
problem-secret-key = { $name }: this contains a private key, but settings are visible. Enter only the certificates, and replace that key if others may have seen it.
problem-secret-login = { $name }: this contains a user or a password, but settings are visible. Leave them out.
problem-choice = { $name }: choose one of the options.
problem-pauses = The longest delay ({ $max }) must not be below the shortest ({ $min }).
problem-id = The id must have 1 to 64 printable characters.
problem-id-taken = A webhook with this id already exists. Choose another id, or edit that webhook on its own page.
problem-event = Choose one of the events in the list.
problem-url-long = The URL must have at most 2048 characters.
problem-url-spaces = The URL must not contain spaces, control characters or invisible characters.
problem-url-incomplete = The URL must be complete, such as https://example.com/webhook.
problem-url-tls = The URL must begin with https://. Plain http:// is allowed only to this device itself (127.0.0.1, localhost), unless the settings allow more under “{ set-webhooks-allow_http }”.
problem-url-scheme = The URL must begin with https:// and name a host.
problem-url-fragment = The URL must not contain #: nothing after it is ever sent. Leave it out, or write %23 if it belongs to the path or the query.
problem-url-backslash = The URL must not contain a backslash. Write / or %5C.
problem-url-login = The user and password in the URL must be UTF-8 text once %XX is decoded, without control characters, and the user without a colon.
problem-url-port = The port in the URL must be a number from 1 to 65535.
problem-url-host = The host in the URL cannot be used in this form. Write a name, an IPv4 address such as 192.168.1.50, or an IPv6 address in brackets without a zone.
problem-url-dots = The path in the URL must not have . or .. between slashes. Write the path that they lead to.
problem-from = The sender must have 1 to 64 characters.
problem-sms = The text must have at most 39015 characters.
problem-sim = Choose one of the SIMs in the list.
# What the store says
store-full = The storage is full, so nothing was saved. Free some space and send it again.
store-unavailable = The storage cannot be written to now, so nothing was saved. Send it again later.
store-unreadable = The storage cannot be read now. Try again later.
store-busy = Too many lists are being read at the moment. Try again in a few seconds.
store-too-long = Reading this took too long. Ask for less.
store-damaged = The database is damaged, and this needs the damaged part. Nothing was saved. Stop the gateway, run simrelay recover or restore a copy (in the app: restart it), then send it again.
store-closed = The gateway is stopping. Send it again when it is back.
store-internal = Internal error. The gateway’s own output has the details.
# Why an attempt failed, and what to do. In English these are the sentences of the API.
reason-status = The receiver answered { $status }. Only 2xx counts as delivered.
reason-status-key = { reason-status }
fix-status-key = Check the signing key, and the key or password in the webhook's URL.
reason-status-path = { reason-status }
fix-status-path = Check the path in the webhook's URL.
reason-status-post = { reason-status }
fix-status-post = The receiver must accept POST at this URL.
reason-status-size = { reason-status }
fix-status-size = The receiver must accept larger bodies.
reason-status-log = { reason-status }
fix-status-log = Check the receiver's log.
reason-redirect = The receiver answered with a redirect ({ $status }), which is not followed.
fix-redirect = Register the final URL.
reason-timeout-connecting = No connection to { $about } within 10 seconds.
fix-timeout-connecting = Check that the host is on and that no firewall drops the connection.
reason-timeout-answering = The receiver did not answer within 30 seconds.
fix-timeout-answering = It should answer 2xx right away and process the message afterwards.
reason-connect-refused = { $about } refused the connection.
fix-connect-refused = Check that the receiver is running and that the port in the URL is right.
reason-connect-unreachable = { $about } cannot be reached.
fix-connect-unreachable = Check that it is on and in a network that this device can reach.
reason-connect-other = Connecting to { $about } failed.
fix-connect-other = Check the URL and the network.
reason-tls-authority = The receiver's certificate is signed by an unknown authority ({ $about }).
fix-tls-authority = Add its CA under webhooks.ca_certificates.
reason-tls-authority-unnamed = The receiver's certificate is signed by an unknown authority.
fix-tls-authority-unnamed = { fix-tls-authority }
reason-tls-name = The receiver's certificate is not valid for { $about }.
fix-tls-name = Use a name in the certificate, or create one that names { $about } (subjectAltName).
reason-tls-expired = The receiver's certificate has expired.
fix-tls-expired = Renew it; if it is still valid, check this device's date.
reason-tls-not-yet = The receiver's certificate is not valid yet.
fix-tls-not-yet = Check the clocks of the receiver and of this device.
reason-tls-unusable = The receiver's certificate cannot be used (revoked or distrusted).
fix-tls-unusable = Create a new one.
reason-tls-handshake = { $about } and this device could not agree on TLS.
fix-tls-handshake = Check that the port speaks HTTPS with TLS 1.2 or 1.3.
reason-tls-self-signed = The receiver's certificate is self-signed, and this gateway does not trust it.
fix-tls-self-signed = Add the certificate itself under webhooks.ca_certificates.
reason-tls-chain = The receiver does not send the certificate of the authority that issued its own ({ $about }).
fix-tls-chain = Make it send the full chain (often called fullchain.pem), or add that certificate under webhooks.ca_certificates.
reason-tls-smsgate = The receiver's certificate comes from SMSGate's own authority ({ $about }), which is not trusted here.
fix-tls-smsgate = Set webhooks.trust_smsgate_ca to true; it is then trusted for private addresses only.
reason-tls-smsgate-public = The receiver's certificate comes from SMSGate's own authority, which is trusted for private addresses only, and { $about } is not one.
fix-tls-smsgate-public = Write the receiver's private address into the URL, or use a certificate of another authority.
reason-tls-no-names = The receiver's certificate does not list { $about } under subjectAltName; a common name alone is not enough.
fix-tls-no-names = Create one with a subjectAltName.
reason-tls-chain-dates = A CA certificate that the receiver sends ({ $about }) has expired or is not valid yet.
fix-tls-chain-dates = Make the receiver send a newer chain; if it is valid, check this device's date.
reason-tls-dates = The receiver's certificate expires before it becomes valid.
fix-tls-dates = Create a new one.
reason-tls-version = The receiver's certificate is X.509 version { $about }; only version 3 is accepted.
fix-tls-version = Create one with a subjectAltName (openssl x509 -req needs -extfile for it), which makes it version 3.
reason-tls-key = The receiver's certificate has a key ({ $about }) that this gateway cannot verify.
fix-tls-key = Use P-256, P-384, RSA 2048 or Ed25519.
reason-tls-key-short = The receiver's certificate has an RSA key of { $about } bits, too short to be safe.
fix-tls-key-short = Use P-256, P-384, RSA 2048 or Ed25519.
reason-tls-issuer-key = The authority of the receiver's certificate has a key ({ $about }) that this gateway cannot verify.
fix-tls-issuer-key = Have it signed by an authority with a key of P-256, P-384, RSA 2048 or Ed25519.
reason-tls-algorithm = The receiver's certificate is signed in a way ({ $about }) that this gateway does not accept.
fix-tls-algorithm = Sign it with SHA-256 or SHA-384.
reason-tls-signature = The receiver's certificate is not signed by the key that this gateway knows for its authority ({ $about }).
fix-tls-signature = If the authority has a new key, replace its certificate under webhooks.ca_certificates; otherwise issue the receiver's certificate again.
reason-tls-key-mismatch = The receiver's private key does not match its certificate.
fix-tls-key-mismatch = Configure a key and a certificate that belong together.
reason-tls-ca = The receiver presents a CA certificate as its own.
fix-tls-ca = Create one for the receiver without CA:TRUE, or add this very certificate under webhooks.ca_certificates.
reason-tls-chain-unusable = A certificate in the receiver's chain ({ $about }) is not a CA certificate.
fix-tls-chain-unusable = Issue it again as X.509 version 3 with CA:TRUE.
reason-tls-purpose = The receiver's certificate is not issued for servers (extendedKeyUsage).
fix-tls-purpose = Create one with serverAuth.
reason-tls-constraint = The authority of the receiver's certificate may not sign for { $about } (nameConstraints).
fix-tls-constraint = Use a name that it may sign for, or another authority.
reason-tls-path = The receiver's certificate chain is longer than one of its authorities allows (pathLenConstraint).
fix-tls-path = Have the receiver's certificate signed by an authority closer to the root.
reason-tls-chain-long = The receiver sends too many certificates to check.
fix-tls-chain-long = Make it send only its own and those between it and the root.
reason-tls-extension = The receiver's certificate has a critical extension that this gateway does not support.
fix-tls-extension = Create one without it, or do not mark it critical.
reason-tls-encoding = The receiver's certificate is damaged or malformed.
fix-tls-encoding = Create a new one.
reason-tls-none = The receiver sends no certificate.
fix-tls-none = Configure one in its TLS settings.
reason-tls-not = The server at { $about } does not speak TLS.
fix-tls-not = Check the port in the URL; https:// needs the receiver's HTTPS port.
reason-tls-plain = { $about } speaks plain HTTP at this port, not HTTPS.
fix-tls-plain = Use the receiver's HTTPS port, or http:// where webhooks.allow_http permits it.
reason-tls-old = { $about } supports only TLS versions that are too old.
fix-tls-old = Enable TLS 1.2 or 1.3 there.
reason-tls-common = { $about } and this device have no TLS cipher or key type in common.
fix-tls-common = Enable ECDHE with AES-GCM or ChaCha20 there, and use a certificate with a key of P-256, P-384, RSA 2048 or Ed25519.
reason-tls-unknown-name = The receiver's TLS is not set up for the name { $about } (unrecognized_name).
fix-tls-unknown-name = Set it up for this name, or use a name that it is set up for.
reason-tls-client = { $about } requires a client certificate, and this gateway has none.
fix-tls-client = Make it accept webhooks without one; X-Signature proves who sent them.
reason-tls-internal = { $about } reported an internal error in the TLS handshake (internal_error).
fix-tls-internal = Check its log; some servers say so when they have no certificate for the name.
reason-tls-denied = { $about } rejected this device in the TLS handshake (access_denied).
fix-tls-denied = Check its rules and its log.
reason-tls-http1 = { $about } offers no HTTP/1.1 over TLS (no_application_protocol).
fix-tls-http1 = Enable HTTP/1.1 there.
reason-tls-alert = The receiver aborted the TLS handshake ({ $about }).
fix-tls-alert = Check its log.
reason-tls-rules = { $about } violates the TLS protocol.
fix-tls-rules = Update the receiver's TLS library; look for a proxy in between.
reason-tls-damaged = The TLS data from { $about } is damaged.
fix-tls-damaged = Look for something that changes it on the way: a proxy, a virus scanner, a faulty network.
reason-tls-closed = { $about } closed the connection during the TLS handshake.
fix-tls-closed = Check its log, its certificate, and that the port speaks HTTPS.
reason-tls-silent = { $about } accepts the connection but does not answer in TLS within 10 seconds.
fix-tls-silent = Check that the port speaks HTTPS and that the receiver is not overloaded.
reason-dns = The name { $about } was not found.
fix-dns = Check the URL's host name and the network's DNS.
reason-closed = The receiver closed the connection without an answer.
fix-closed = Check its log for a crash; a URL with http:// where the port speaks HTTPS, or the other way round, does this too.
reason-not-allowed = Plain http:// to { $about } is not allowed.
fix-not-allowed = Use https://, or set webhooks.allow_http to private or any.
reason-no-network = The device has no network.
fix-no-network = The delivery waits without using up a retry.
reason-not-http = The answer is not HTTP; it begins with "{ $about }".
fix-not-http = Check the port in the webhook's URL.
reason-not-http-tls = { $about } speaks TLS at this port, not plain HTTP.
fix-not-http-tls = Change the webhook's URL to https://.
reason-device-descriptors = This device has no file descriptors left for a connection.
fix-device-descriptors = The delivery waits without using up a retry. Close clients that keep connections open, or raise the limit of open files.
reason-device-memory = This device has no memory left for a connection.
fix-device-memory = The delivery waits without using up a retry. End other programs on this device.
reason-device-ports = This device has no local ports left for a connection.
fix-device-ports = The delivery waits without using up a retry. End programs that hold many connections.
reason-device-permission = This device does not let the gateway open connections.
fix-device-permission = The delivery waits without using up a retry. Allow the gateway network access in the system's settings or firewall.
reason-offline = The device has no internet, so nothing is sent.
fix-offline = Connect the device, or turn webhooks.internet_required off for receivers in the local network.
