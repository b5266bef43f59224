//! Every cause for which a receiver's TLS fails, each with a receiver made for it by openssl.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::json;
use simrelay_core::clock::{Clock, SystemClock};
use simrelay_tests::Lab;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

/// A root, an authority between and a receiver's certificate, by the steps of `script`. Its functions:
/// `key NAME genpkey-arguments`, `root NAME`, `sign CA NAME extensions openssl-arguments`.
fn made(script: &str) -> TempDir {
    const FUNCTIONS: &str = r#"
        set -eu
        key() { name=$1; shift; openssl genpkey -quiet -out "$name.key" "$@"; }
        p256() { key "$1" -algorithm EC -pkeyopt ec_paramgen_curve:P-256; }
        ec() { key "$1" -algorithm EC -pkeyopt "ec_paramgen_curve:$2"; }
        root() { name=$1; shift; openssl req -x509 -new -key "$name.key" -subj "/CN=Test $name" \
            -days 3 -out "$name.crt" -addext keyUsage=keyCertSign "$@"; }
        sign() { ca=$1; name=$2; text=$3; shift 3
            openssl req -new -key "$name.key" -subj "/CN=localhost" -out "$name.csr"
            [ "$name" = leaf ] || openssl req -new -key "$name.key" -subj "/CN=Test $name" -out "$name.csr"
            printf '%b' "$text" > "$name.ext"
            if [ -n "$text" ]; then set -- -extfile "$name.ext" "$@"; fi
            openssl x509 -req -in "$name.csr" -CA "$ca.crt" -CAkey "$ca.key" -CAcreateserial \
                -days 3 -out "$name.crt" "$@"; }
        san=subjectAltName=DNS:localhost
    "#;
    let dir = tempfile::tempdir().unwrap();
    let done = Command::new("sh")
        .args(["-c", &format!("{FUNCTIONS}\n{script}")])
        .current_dir(dir.path())
        .output()
        .expect("sh and openssl are installed");
    let said = String::from_utf8_lossy(&done.stderr).into_owned();
    assert!(done.status.success(), "{script}: {said}");
    dir
}

struct SServer {
    process: Child,
    port: u16,
}

impl SServer {
    /// Shows leaf.crt, and chain.crt if there is one.
    fn start(dir: &Path, more: &[&str]) -> Self {
        let mut command = Command::new("openssl");
        command
            .args(["s_server", "-accept", "127.0.0.1:0", "-naccept", "100"])
            .args(["-cipher", "ALL:@SECLEVEL=0"])
            .args(more)
            .current_dir(dir)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .stdin(Stdio::piped());
        if !more.contains(&"-nocert") {
            command.args(["-cert", "leaf.crt", "-key", "leaf.key"]);
        }
        if dir.join("chain.crt").exists() {
            command.args(["-cert_chain", "chain.crt"]);
        }
        let mut process = command.spawn().expect("openssl is installed");
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let accepting = lines.find_map(|line| {
            let line = line.unwrap();
            line.strip_prefix("ACCEPT ")?
                .rsplit(':')
                .next()?
                .parse()
                .ok()
        });
        // What it says later must go somewhere.
        std::thread::spawn(move || lines.for_each(drop));
        let port = accepting.unwrap_or_else(|| panic!("{:?} does not listen", dir));
        Self { process, port }
    }
}

impl Drop for SServer {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The class and the sentence of the first attempt, with these certificates listed.
async fn attempt(url: &str, listed: Option<&Path>) -> (String, String) {
    let lab = Lab::start().await;
    // openssl dates by the real clock.
    lab.clock.set(SystemClock::default().now());
    if let Some(file) = listed {
        let pem = std::fs::read_to_string(file).unwrap();
        lab.set(json!({"webhooks": {"ca_certificates": pem}})).await;
    }
    lab.register("w", url, "sms:received").await;
    lab.receive("over TLS").await;
    let delivery = lab.after_attempts("w", 1).await;
    let first = &delivery.history[0];
    (first.class.clone(), first.reason.clone())
}

async fn check(script: &str, server: &[&str], listed: &str, words: &str) {
    let dir = made(script);
    let receiver = SServer::start(dir.path(), server);
    let url = format!("https://localhost:{}/", receiver.port);
    let listed = (!listed.is_empty()).then(|| dir.path().join(listed));
    let (class, sentence) = attempt(&url, listed.as_deref()).await;
    assert_eq!(class, "Tls", "{script}: {sentence}");
    assert!(sentence.contains(words), "{script}: {sentence}");
}

#[tokio::test]
async fn keys_that_cannot_be_checked_are_named_though_their_ca_is_listed() {
    const REMEDY: &str =
        ") that this gateway cannot verify. Use P-256, P-384, RSA 2048 or Ed25519.";
    for (key, server, kind) in [
        ("ec leaf P-521", &["-tls1_3"][..], "P-521"),
        ("ec leaf P-521", &["-tls1_2"], "P-521"),
        ("ec leaf secp256k1", &["-tls1_2"], "secp256k1"),
        ("ec leaf brainpoolP384r1", &["-tls1_2"], "brainpoolP384r1"),
        ("key leaf -algorithm RSA-PSS", &["-tls1_3"], "RSA-PSS"),
        ("key leaf -algorithm RSA-PSS", &["-tls1_2"], "RSA-PSS"),
        ("key leaf -algorithm ED448", &["-tls1_3"], "Ed448"),
        ("key leaf -algorithm ED448", &["-tls1_2"], "Ed448"),
    ] {
        let script = format!("p256 ca; root ca; {key}; sign ca leaf $san");
        check(
            &script,
            server,
            "ca.crt",
            &format!("has a key ({kind}{REMEDY}"),
        )
        .await;
    }
    let short = "p256 ca; root ca; key leaf -algorithm RSA -pkeyopt rsa_keygen_bits:1024; \
        sign ca leaf $san";
    check(short, &[], "ca.crt", "an RSA key of 1024 bits, too short").await;
}

#[tokio::test]
async fn what_a_listed_authority_did_wrong_is_told() {
    for (script, words) in [
        (
            "p256 ca; root ca; p256 leaf; sign ca leaf ''",
            "is X.509 version 1; only version 3 is accepted. Create one with a subjectAltName",
        ),
        (
            "p256 ca; root ca; p256 leaf; sign ca leaf extendedKeyUsage=serverAuth",
            "does not list localhost under subjectAltName; a common name alone is not enough",
        ),
        (
            "key ca -algorithm RSA; root ca; p256 leaf; sign ca leaf $san -sha1",
            "signed in a way (sha1WithRSAEncryption) that this gateway does not accept",
        ),
        (
            "key ca -algorithm RSA; root ca; p256 leaf; \
             sign ca leaf $san -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:20",
            "signed in a way (id-RSASSA-PSS)",
        ),
        (
            "ec ca P-521; root ca; p256 leaf; sign ca leaf $san -sha512",
            "The authority of the receiver's certificate has a key (P-521)",
        ),
        (
            "p256 ca; root ca; p256 leaf; sign ca leaf $san -sha512",
            "signed in a way (ecdsa-with-SHA512)",
        ),
        (
            "key ca -algorithm RSA -pkeyopt rsa_keygen_bits:1024; root ca; p256 leaf; \
             sign ca leaf $san",
            "The authority of the receiver's certificate has a key (RSA 1024)",
        ),
        (
            "key ca -algorithm RSA-PSS; root ca; p256 leaf; sign ca leaf $san",
            "The authority of the receiver's certificate has a key (RSA-PSS)",
        ),
        (
            "key ca -algorithm ED448; root ca; p256 leaf; sign ca leaf $san",
            "The authority of the receiver's certificate has a key (Ed448)",
        ),
        (
            "p256 ca; root ca; p256 leaf; sign ca leaf \"$san\\nextendedKeyUsage=clientAuth\"",
            "not issued for servers (extendedKeyUsage). Create one with serverAuth.",
        ),
        (
            "p256 ca; root ca; p256 leaf; sign ca leaf \"$san\\nbasicConstraints=CA:TRUE\"",
            "presents a CA certificate as its own",
        ),
        (
            "p256 ca; root ca; p256 leaf; sign ca leaf \"$san\\n1.2.3.4=critical,ASN1:NULL\"",
            "a critical extension that this gateway does not support",
        ),
        (
            "p256 ca; root ca -addext nameConstraints=permitted\\;DNS:example.com; p256 leaf; \
             sign ca leaf $san",
            "may not sign for localhost (nameConstraints)",
        ),
        (
            "p256 ca; root ca; p256 leaf; sign ca leaf $san; p256 ca; root ca",
            "not signed by the key that this gateway knows for its authority (CN=Test ca)",
        ),
        (
            "p256 ca; root ca; p256 leaf; sign ca leaf subjectAltName=DNS:other.example",
            "is not valid for localhost",
        ),
        (
            "p256 ca; root ca; p256 leaf; sign ca leaf $san -days -1",
            "expires before it becomes valid",
        ),
    ] {
        check(script, &[], "ca.crt", words).await;
    }
}

#[tokio::test]
async fn a_chain_that_does_not_lead_to_the_root_is_told() {
    const ISSUER: &str = "authorityInfoAccess=caIssuers\\;URI:http://ca.example/between.crt";
    let between = |extensions: &str, of_leaf: &str| {
        format!(
            "p256 ca; root ca; p256 between; sign ca between \"{extensions}\"; p256 leaf; \
             sign between leaf \"$san\\n{of_leaf}\""
        )
    };
    let ca = "basicConstraints=CA:TRUE";
    let good = between(ca, &ISSUER.replace("\\;", ";"));
    let not_sent = "does not send the certificate of the authority that issued its own \
        (CN=Test between). Make it send the full chain";
    check(&good, &[], "ca.crt", not_sent).await;
    check(&good, &[], "", not_sent).await;
    let other = format!("{}; cp ca.crt chain.crt", between(ca, ""));
    check(&other, &[], "ca.crt", not_sent).await;
    let unknown = format!("{good}; cp between.crt chain.crt");
    let words = "signed by an unknown authority (CN=Test ca). Add its CA";
    check(&unknown, &[], "", words).await;
    let own = "signed by an unknown authority (CN=Test ca). Add its CA under webhooks";
    check(
        "p256 ca; root ca; p256 leaf; sign ca leaf $san",
        &[],
        "",
        own,
    )
    .await;
    for (extensions, words) in [
        (
            "basicConstraints=CA:FALSE",
            "in the receiver's chain (CN=Test between) is not a CA",
        ),
        ("", "in the receiver's chain (CN=Test between) is not a CA"),
    ] {
        let script = format!("{}; cp between.crt chain.crt", between(extensions, ""));
        check(&script, &[], "ca.crt", words).await;
    }
    let old = between(ca, "").replace(
        "p256 leaf",
        "sign ca between 'basicConstraints=CA:TRUE' -days -1; p256 leaf",
    );
    let old = format!("{old}; cp between.crt chain.crt");
    check(&old, &[], "ca.crt", "sends (CN=Test between) has expired").await;
    let short = "p256 ca; root ca -addext basicConstraints=critical,CA:TRUE,pathlen:0; p256 between; \
        sign ca between 'basicConstraints=CA:TRUE,pathlen:0'; p256 lower; \
        sign between lower basicConstraints=CA:TRUE; p256 leaf; sign lower leaf $san; \
        cat lower.crt between.crt > chain.crt";
    check(
        short,
        &[],
        "ca.crt",
        "longer than one of its authorities allows",
    )
    .await;
    let itself = "p256 leaf; openssl req -x509 -new -key leaf.key -subj /CN=x -days 3 -out leaf.crt \
        -addext $san";
    check(itself, &[], "", "is self-signed").await;
    let plain = "p256 leaf; openssl req -x509 -new -key leaf.key -subj /CN=x -days 3 -out leaf.crt \
        -addext $san -addext basicConstraints=critical,CA:FALSE";
    check(
        plain,
        &[],
        "",
        "Add the certificate itself under webhooks.ca_certificates.",
    )
    .await;
}

#[tokio::test]
async fn what_a_receiver_wants_of_tls_is_told() {
    const GOOD: &str = "p256 ca; root ca; key leaf -algorithm RSA; sign ca leaf $san";
    for (server, words) in [
        (&["-tls1_1"][..], "only TLS versions that are too old"),
        (
            &["-tls1_2", "-Verify", "1"],
            "requires a client certificate",
        ),
        (
            &["-tls1_3", "-Verify", "1"],
            "requires a client certificate",
        ),
        (
            &["-tls1_2", "-cipher", "AES256-SHA:@SECLEVEL=0"],
            "no TLS cipher or key type in common. Enable ECDHE",
        ),
        (&["-tls1_2", "-nocert"], "no TLS cipher or key type"),
    ] {
        check(GOOD, server, "ca.crt", words).await;
    }
}

/// What a receiver that answers the first bytes with these is said to be.
async fn check_answer(answer: &'static [u8], words: &str) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut hello = [0; 4096];
            let _ = stream.read(&mut hello).await;
            let _ = stream.write_all(answer).await;
            let _ = stream.shutdown().await;
        }
    });
    let (class, sentence) = attempt(&format!("https://localhost:{port}/"), None).await;
    assert_eq!(class, "Tls", "{sentence}");
    assert!(sentence.contains(words), "{answer:?}: {sentence}");
}

#[tokio::test]
async fn every_alert_and_what_is_no_tls_has_its_sentence() {
    macro_rules! alert {
        ($number:literal) => {
            &[0x15, 3, 3, 0, 2, 2, $number]
        };
    }
    let cases: [(&'static [u8], &str); 22] = [
        (alert!(40), "no TLS cipher or key type in common"),
        (alert!(71), "no TLS cipher or key type in common"),
        (alert!(70), "Enable TLS 1.2 or 1.3"),
        (alert!(86), "Enable TLS 1.2 or 1.3"),
        (alert!(112), "is not set up for the name localhost"),
        (alert!(116), "requires a client certificate"),
        (alert!(42), "requires a client certificate"),
        (alert!(48), "requires a client certificate"),
        (alert!(49), "rejected this device"),
        (alert!(80), "internal error"),
        (alert!(120), "offers no HTTP/1.1"),
        (alert!(90), "aborted the TLS handshake (user_canceled)"),
        (alert!(10), "aborted the TLS handshake (unexpected_message)"),
        (alert!(47), "aborted the TLS handshake (illegal_parameter)"),
        (alert!(50), "aborted the TLS handshake (decode_error)"),
        (alert!(121), "aborted the TLS handshake (ech_required)"),
        (alert!(199), "aborted the TLS handshake (alert 199)"),
        (
            b"HTTP/1.1 400 Bad Request\r\n\r\n",
            "plain HTTP at this port, not HTTPS",
        ),
        (b"SSH-2.0-OpenSSH_9.6\r\n", "does not speak TLS"),
        (b"220 mail.example ESMTP\r\n", "does not speak TLS"),
        (&[0x16, 3, 3, 0, 4, 9, 9, 9, 9], "is damaged"),
        (b"", "closed the connection during the TLS handshake"),
    ];
    for (answer, words) in cases {
        check_answer(answer, words).await;
    }
}

#[tokio::test]
async fn a_test_says_when_a_receiver_never_answers_in_tls() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let (accepted, mut held) = tokio::sync::mpsc::unbounded_channel();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let _ = accepted.send(stream);
        }
    });
    let lab = Lab::start().await;
    let url = format!("https://localhost:{port}/");
    lab.register("w", &url, "sms:received").await;
    let body = json!({});
    let asked = lab.client.post("/webhooks/w/test", &body);
    tokio::pin!(asked);
    let _stream = tokio::select! {
        stream = held.recv() => stream,
        answer = &mut asked => panic!("{}", answer.text()),
    };
    let answer = loop {
        tokio::select! {
            biased;
            answer = &mut asked => break answer,
            () = tokio::task::yield_now() => lab.advance(Duration::from_millis(10)),
        }
    };
    let last = answer.json()["steps"].as_array().unwrap().last().cloned();
    let last = last.unwrap();
    assert_eq!(last["name"], "tls");
    let reason = last["reason"].as_str().unwrap();
    assert!(
        reason.contains("does not answer in TLS within 10 seconds"),
        "{reason}"
    );
}
