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
sign-in = Sign in
sign-out = Sign out
user = User
password = Password
sign-in-hint = The user and the password are those of the API. They are shown where the gateway was started.
sign-in-wrong = The user or the password is wrong.
sign-in-throttled = Too many wrong passwords from this address. Wait a while and try again.
sign-in-link-used = This link was used already or is older than five minutes. Sign in here.
refused = This does not work
refused-origin = This was not sent from a page of this gateway. Open the page again and repeat it there.
refused-token = This form belongs to an earlier sign-in. Open the page again and repeat it there.
refused-form = This is not a form of this page.
refused-large = This is more than can be taken. Shorten it.
refused-incomplete = The form did not arrive whole. Send it again.
refused-path = There is no such page.
refused-method = This cannot be done here.
not-found = There is nothing here any more.
done-saved = Saved.
done-added = Added. Send a test to see whether it arrives.
done-deleted = Deleted.
done-replayed = It is delivered once more.
done-received = The message came in.
deliveries-replayed = { $n ->
    [one] { $n } delivery is made once more.
   *[other] { $n } deliveries are made once more.
}
deliveries-replayed-none = There was nothing to deliver once more.
# Small words
save = Save
add = Add
edit = Change
delete = Delete
replace = Replace
show = Show
copy = Copy
all = All
details = Details
pages = Pages
newest = Newest
older = Older
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
unchanged = unchanged
forget = Forget what is stored
type-again = What was typed here is not kept. Type it again.
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
state-running-why = Messages come in and webhooks go out.
state-offline = Waiting for the internet
state-offline-why = Messages come in and are kept. Webhooks go out when there is internet again.
state-stopped = Stopped
state-stopped-why = Messages are kept, but no webhook goes out until the gateway is started.
state-full = Storage full
state-full-why = Nothing new can be kept. Make room on the device; the gateway goes on by itself.
state-damaged = Database damaged
state-damaged-why = A part of what is kept cannot be read. What is whole goes on. On a phone, restart the app; elsewhere stop the gateway and run simrelay recover.
state-recovered = Database recovered
state-recovered-why = It was damaged. Everything that could be read goes on in a new file. Look at the notice above.
recovered = The database was damaged and has been recovered:
recovered-lost = Some of what was kept is lost. The damaged file is kept beside the new one. Rows that are known to be missing:
recovered-kept = Nothing is known to be lost. The damaged file is kept beside the new one.
recovered-seen = I have seen it
home-no-webhooks = Nobody is told of messages yet.
home-reach = How clients reach it
address = Address
device = Device
device-name = Name
device-id = Device id
no-sim = No SIM card
battery = Battery
charging = charging
network = Network
online = with internet
offline = without internet
network-none = none
network-unknown = unknown
network-cellular = mobile data
network-wifi = Wi-Fi
network-ethernet = cable
last-in = Last message in
last-out = Last webhook out
last-handed = Last message out
waiting-messages = Messages waiting to be sent
queue = Waiting deliveries
dead = Given up
warning-offline = There is no internet.
warning-battery = The battery is low. Connect the charger.
warning-storage = The storage is full or cannot be written.
warning-damaged = A part of the database is damaged.
warning-recovered = The database was damaged and has been recovered; something may be lost.
warning-removed = Webhooks that never arrived were removed after 30 days. Look at the webhooks that fail.
warning-failed = Messages could not be sent in the last hour.
warning-webhooks = { $n ->
    [one] { $n } webhook is failing.
   *[other] { $n } webhooks are failing.
}
# Messages
messages-empty = No message came in yet. Send an SMS to this device.
unknown-sender = unknown sender
no-text = no text
attachment = Attachment
timeline = What happened
timeline-sent = the network took it
timeline-kept = kept here
timeline-nobody = No webhook was registered for it.
came-in = Came in
goes-out = Goes out
direction = Direction
messages-none = No message here.
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
out-pending = waiting
out-cancelling = being cancelled
out-cancelled = cancelled
out-processed = with the modem
out-sent = sent
out-delivered = delivered
out-failed = failed
parts = Parts
parts-count = { $n ->
    [one] { $n } part
   *[other] { $n } parts
}
parts-done = parts: { $n }, sent: { $sent }, delivered: { $delivered }
not-before = Not before
not-after = Not after
report = Delivery report
wanted = asked for
not-wanted = not asked for
recipients = Recipients
timeline-asked = asked for here
# Webhooks
webhooks-empty = No webhook yet. Add the address that is to be told of messages.
webhook-add = Add a webhook
webhook-id = Id
webhook-id-hint = Left empty, one is made.
webhook-delete = Delete this webhook
webhook-delete-why = What waits for it is cancelled.
webhook-gone = This webhook was deleted meanwhile, so nothing was saved. Add it again if it is still needed.
send-test = Send test
deliveries = Deliveries
deliveries-empty = No delivery here. One is made for every event.
last-attempt = Last attempt:
waiting = Waiting
retrying = Failed, tried again later
health-new = not used yet
health-good = working
health-bad = failing
state-pending = waiting
state-delivered = delivered
state-dead = given up
state-cancelled = cancelled
queued = Queued
settled = Settled
next-attempt = next attempt
attempts = Attempts
attempts-none = No attempt was made yet.
attempts-count = { $n ->
    [one] { $n } attempt
   *[other] { $n } attempts
}
answer = The receiver's answer
try-now = Try now
replay = Deliver once more
replay-what = What
replay-since = Queued since
replay-since-hint = Needed for what was delivered; without it all that was given up goes.
replay-when = Say since when, so that nothing is sent again by accident.
replay-nowhere = The webhook was deleted, so there is nowhere to deliver it.
class-timeout = no answer in time
class-connect = no connection
class-tls = certificate or TLS
class-dns = name not found
class-closed = closed
class-not-allowed = not allowed
class-other = failed
test-passed = The test event arrived
test-failed = The test event did not arrive
step-url = Rules for the URL
step-network = Internet
step-name = Name
step-connection = Connection
step-tls = Certificate and TLS
step-http = Answer
# Settings
group-messages = Messages
group-ping = Signs of life
group-logs = Logs
group-webhooks = Webhooks
group-encryption = Encryption
group-gateway = Cloud and private server
group-ui = This page
range = { $min } to { $max } { $what }.
unit-seconds = seconds
unit-days = days
unit-messages = messages
unit-retries = retries
language-auto = As the browser
schedule = { $n ->
    [one] { $n } retry, about { $after } after the first try
   *[other] { $n } retries, the last one about { $after } after the first try
}
schedule-others = What other counts lead to
signing-key-elsewhere = The signing key is under Access.
set-messages-send_interval_min = Shortest pause
help-messages-send_interval_min = The shortest pause between two messages.
set-messages-send_interval_max = Longest pause
help-messages-send_interval_max = The longest pause between two messages; the real one is random between both.
set-messages-limit_period = Period of the limit
help-messages-limit_period = The period that the limit is for.
set-messages-limit_value = Limit
help-messages-limit_value = The most messages sent in a period; 0 for no limit.
set-messages-work_hours_enabled = Only in working hours
help-messages-work_hours_enabled = Send only in working hours; messages of priority 100 and above go at any time.
set-messages-work_hours_start = Working hours begin
help-messages-work_hours_start = When working hours begin.
set-messages-work_hours_end = Working hours end
help-messages-work_hours_end = When working hours end; before the start, they run overnight.
set-messages-sim_selection_mode = Choice of the SIM
help-messages-sim_selection_mode = Which SIM sends a message that names none.
set-messages-log_lifetime_days = Keep messages
help-messages-log_lifetime_days = How long messages are kept; for ever if not set.
set-messages-processing_order = Order
help-messages-processing_order = Whether the newest (LIFO) or the oldest (FIFO) message of a priority is sent first.
set-ping-interval_seconds = Pause between signs of life
help-ping-interval_seconds = The pause between two system:ping events; none if not set.
set-logs-lifetime_days = Keep the log
help-logs-lifetime_days = How long log entries are kept.
set-webhooks-internet_required = Wait for the internet
help-webhooks-internet_required = Make no attempt, and use up none, while the device has no internet. Turn it off for receivers in the local network.
set-webhooks-retry_count = Retries
help-webhooks-retry_count = How often a failed delivery is tried again: after 10 s, 20 s, 40 s and so on.
set-webhooks-signing_key = Signing key
set-webhooks-allow_http = Receivers without TLS
help-webhooks-allow_http = To which receivers webhooks may go without TLS: this device (loopback), private networks, or any.
set-webhooks-ca_certificates = More certificates to trust
help-webhooks-ca_certificates = Certificates in PEM form to trust besides the system's, for receivers with their own authority or a self-signed certificate.
set-encryption-passphrase = Passphrase
help-encryption-passphrase = The passphrase of encrypted messages. It is never shown.
set-gateway-cloud_url = Server
help-gateway-cloud_url = The server of Cloud or Private mode.
set-gateway-private_token = Token
help-gateway-private_token = The token of a private server. It is never shown.
set-gateway-notification_channel = Wake-up
help-gateway-notification_channel = How the server wakes this device.
set-ui-language = Language
help-ui-language = The language of this page.
# Access
access-change = User, password and port
password-now = Password as it is now
password-new = New password
password-new-hint = 8 to 128 characters. A new password signs out everybody, you too.
password-wrong = The password is wrong.
user-wrong = The user must have 1 to 64 characters and no colon.
port = Port
port-hint = A whole number from 1024 to 65535.
port-moved = The page is at another port now:
port-elsewhere = The port of this program is set where it is started:
signing-key = Signing key
signing-key-why = Receivers check with it that a webhook comes from this gateway. A new key counts from the next attempt on.
signing-key-new = New key
signing-key-random = a random one
# Logs
priority = Priority
log-info = info
log-warn = warning
log-error = error
logs-empty = No entry yet. What the gateway does is noted here.
logs-none = No entry of this kind.
logs-all = Show all entries
# Simulator
simulator-empty = Let an SMS come in and watch it go out to the webhooks.
simulator-receive = Let it come in
simulator-nobody = no webhook
simulator-send-first = Nothing was sent yet. This command has the phone send an SMS; the password is on the first screen.
simulator-send-more = Have the phone send an SMS:
simulator-fates = The last four digits decide what the simulated network does with it; the API tells them all:
# About
about = SimRelay turns a phone with a SIM card into an SMS gateway. What comes in goes out as webhooks, and nothing is lost on the way.
version = Version
zone = Time zone
licence = Licence
# Choices of settings
choice-disabled = no limit
choice-perminute = a minute
choice-per30minutes = 30 minutes
choice-perhour = an hour
choice-perday = a day
choice-osdefault = as the phone chooses
choice-roundrobin = one after the other
choice-random = any
choice-lifo = newest first (LIFO)
choice-fifo = oldest first (FIFO)
choice-loopback = this device only
choice-private = private networks too
choice-any = anywhere
choice-auto = automatic
choice-sse_only = server-sent events only
# What is wrong with what was entered
problem-number = { $name }: it must be a whole number from { $min } to { $max } ({ $what }).
problem-text = { $name }: it must be a text of { $min } to { $max } characters, not only of spaces.
problem-time = { $name }: it must be a time of day from 00:00 to 23:59.
problem-url = { $name }: it must be an http:// or https:// URL of at most 2048 characters.
problem-certificates = { $name }: it must be one or more certificates in PEM form (-----BEGIN CERTIFICATE----- …), at most 262144 characters.
problem-choice = { $name }: choose one of those offered.
problem-pauses = The longest pause ({ $max }) must not be below the shortest ({ $min }).
problem-id = The id must have 1 to 64 printable characters.
problem-id-taken = There is a webhook of this id already. Choose another, or change that one on its own page.
problem-event = Choose one of the events offered.
problem-url-long = The URL must have at most 2048 characters.
problem-url-spaces = The URL must not hold spaces or control characters.
problem-url-incomplete = The URL must be complete, such as https://example.com/webhook.
problem-url-tls = The URL must begin with https://. Plain http:// goes only to this device itself (127.0.0.1, localhost) unless the settings allow more under “{ set-webhooks-allow_http }”.
problem-url-scheme = The URL must begin with https:// and name a host.
problem-from = The sender must have 1 to 64 characters.
problem-sms = The text must have at most 39015 characters.
problem-sim = Choose one of the SIMs offered.
# What the store says
store-full = The storage is full. Free some space; what was sent now was not taken, send it again.
store-unavailable = The storage cannot be written now. What was sent was not taken, send it again later.
store-damaged = The database is damaged, and this needs the damaged part. Nothing of it was taken. Stop the gateway, run simrelay recover or restore a copy (in the app: restart it), then send it again.
store-closed = The gateway is stopping. Send it again when it is back.
store-internal = Something went wrong inside. The program’s own output says what.
# Why an attempt failed, and what to do. In English these are the sentences of the API.
reason-status = The receiver answered with status { $status }; it must answer 2xx.
reason-status-key = { reason-status }
fix-status-key = Check the key or password in the webhook's URL.
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
fix-timeout-answering = It should answer first and work afterwards.
reason-connect-refused = { $about } refused the connection.
fix-connect-refused = Check that the receiver is running and that the port in the URL is right.
reason-connect-unreachable = { $about } cannot be reached.
fix-connect-unreachable = Check that it is on and in a network this device can reach.
reason-connect-other = The connection to { $about } could not be made.
fix-connect-other = Check the URL and the network.
reason-tls-authority = The receiver's certificate is signed by an unknown authority ({ $about }).
fix-tls-authority = Add its CA under webhooks.ca_certificates.
reason-tls-authority-unnamed = The receiver's certificate is signed by an unknown authority.
fix-tls-authority-unnamed = { fix-tls-authority }
reason-tls-name = The receiver's certificate is not made for { $about }.
fix-tls-name = Use the name in the certificate, or make one that names { $about } (subjectAltName).
reason-tls-expired = The receiver's certificate has expired.
fix-tls-expired = Renew it; if it is still valid, check this device's date.
reason-tls-not-yet = The receiver's certificate is not valid yet.
fix-tls-not-yet = Check the clocks of the receiver and of this device.
reason-tls-unusable = The receiver's certificate cannot be used (damaged, revoked or not made for servers).
fix-tls-unusable = Make a new one.
reason-tls-handshake = { $about } and this device could not agree on TLS.
fix-tls-handshake = Check that the port speaks HTTPS with TLS 1.2 or 1.3.
reason-dns = The name { $about } was not found.
fix-dns = Check the URL's host name and the network's DNS.
reason-closed = The receiver closed the connection without an answer.
fix-closed = Check its log for a crash; a plain-HTTP port under an https:// URL does this too.
reason-not-allowed = Plain http:// to { $about } is not allowed.
fix-not-allowed = Use https://, or set webhooks.allow_http to private or any.
reason-no-network = The device has no network.
fix-no-network = The delivery waits and uses up no retry.
reason-offline = The device has no internet, so nothing is sent.
fix-offline = Connect the device, or turn webhooks.internet_required off for receivers in the local network.
