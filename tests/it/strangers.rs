//! Many who connect and have no business here.

use std::io::ErrorKind;
use std::time::Duration;

use simrelay_tests::{Lab, within};
use tokio::io::AsyncReadExt;
use tokio::net::{TcpSocket, TcpStream};

/// A connection from an address of the loopback network.
async fn connect(lab: &Lab, last: u8) -> TcpStream {
    let socket = TcpSocket::new_v4().unwrap();
    // Little room for an answer that nobody reads.
    socket.set_recv_buffer_size(4_096).unwrap();
    socket.bind(([127, 0, 0, last], 0).into()).unwrap();
    socket.connect(lab.client.address()).await.unwrap()
}

async fn crowd(lab: &Lab, size: u16, start: &[u8], from: impl Fn(u16) -> u8) -> Vec<TcpStream> {
    let mut crowd = Vec::new();
    for number in 0..size {
        let stream = connect(lab, from(number)).await;
        // Its place may be taken already.
        let _ = stream.try_write(start);
        crowd.push(stream);
    }
    crowd
}

/// Whether the API closed it, as far as is known by now.
fn is_closed(stream: &TcpStream) -> bool {
    let mut some = [0; 1];
    match stream.try_read(&mut some) {
        Ok(count) => count == 0,
        Err(error) => error.kind() != ErrorKind::WouldBlock,
    }
}

#[tokio::test]
async fn a_crowd_that_asks_for_nothing_keeps_nobody_out() {
    for (start, spread) in [
        (&b""[..], false),
        (b"", true),
        (b"GET /webhooks HTTP/1.1\r\nHost: a", false),
        (b"POST /ui/sign-in HTTP/1.1\r\nHost: a\r\nOrigin: http://a\r\nContent-Length: 100\r\nContent-Type: application/x-www-form-urlencoded\r\n\r\nuser=", false),
        (b"GET /health/live HTTP/1.1\r\nHost: a\r\n\r\n", true),
    ] {
        let lab = Lab::start().await;
        let from = |number: u16| if spread { 2 + (number % 200) as u8 } else { 1 };
        let crowd = crowd(&lab, 400, start, from).await;
        for last in [1, 2, 250] {
            let owner = lab.client.from_peer(last);
            let answer = within("the owner comes in", owner.get("/webhooks")).await;
            assert_eq!(answer.status, 200);
        }
        let held = async {
            while crowd.iter().filter(|one| !is_closed(one)).count() > 256 {
                tokio::task::yield_now().await;
            }
        };
        within("no more than 256 are held", held).await;
    }
}

#[tokio::test]
async fn whoever_waits_for_the_gateway_is_not_sent_away_for_a_crowd() {
    let lab = Lab::start().await;
    let browser = simrelay_tests::visitor::Browser::sign_in(&lab).await;
    let mut followed = browser.client.follow("/ui/events").await;
    followed.until("retry: 3000").await;
    let _crowd = crowd(&lab, 600, b"GET /", |number| 1 + (number % 200) as u8).await;
    lab.receive("news").await;
    let told = async {
        let mut until = std::pin::pin!(followed.until("event: changed"));
        loop {
            tokio::select! {
                biased;
                _ = &mut until => return,
                () = tokio::task::yield_now() => lab.clock.advance(Duration::from_millis(100)),
            }
        }
    };
    within("the follower is told", told).await;
}

#[tokio::test]
async fn whoever_never_reads_an_answer_is_given_up() {
    let lab = Lab::start().await;
    let stream = connect(&lab, 1).await;
    let request = b"GET /docs HTTP/1.1\r\nHost: a\r\n\r\n";
    let given_up = async {
        loop {
            match stream.try_write(request) {
                Err(error) if error.kind() != ErrorKind::WouldBlock => return,
                _ => tokio::task::yield_now().await,
            }
            lab.clock.advance(Duration::from_millis(10));
        }
    };
    within("the connection is closed", given_up).await;
}

#[tokio::test]
async fn whoever_reads_slowly_gets_all_of_it() {
    let lab = Lab::start().await;
    let mut stream = connect(&lab, 1).await;
    let whole = lab.client.get("/docs").await.bytes().len();
    stream
        .try_write(b"GET /docs HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        .unwrap();
    let mut read = 0;
    let slowly = async {
        let mut some = vec![0; 16 * 1_024];
        loop {
            let count = stream.read(&mut some).await.unwrap();
            if count == 0 {
                return;
            }
            read += count;
            for _ in 0..20 {
                tokio::task::yield_now().await;
            }
            lab.clock.advance(Duration::from_secs(10));
        }
    };
    within("the answer ends", slowly).await;
    assert!(read > whole, "{read} of {whole}");
}
