use std::net::Ipv6Addr;

use socket2::{Domain, Socket, Type};

use super::*;
use crate::model::clock::{ManualClock, UnixMillis};
use crate::settings::Settings;

fn connector(clock: &Arc<ManualClock>) -> Connector {
    let clock: Arc<dyn Clock> = Arc::clone(clock) as _;
    let settings = Settings::default();
    let tls = crate::net::tls::client_config(&[], &settings, Arc::clone(&clock)).unwrap();
    Connector::new(tls, clock)
}

/// A listener whose queue is full, so that further connections get no answer.
fn silent() -> (Socket, Vec<Socket>, SocketAddr) {
    let listener = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    listener
        .bind(&SocketAddr::from(([127, 0, 0, 1], 0)).into())
        .unwrap();
    listener.listen(0).unwrap();
    let address = listener.local_addr().unwrap().as_socket().unwrap();
    let mut fill = Vec::new();
    for _ in 0..4 {
        let filling = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
        filling.set_nonblocking(true).unwrap();
        let _ = filling.connect(&address.into());
        fill.push(filling);
    }
    (listener, fill, address)
}

fn refusing() -> SocketAddr {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap()
}

#[tokio::test]
async fn race_finds_the_one_good_address_among_silent_ones_in_time() {
    let clock = Arc::new(ManualClock::new(UnixMillis(0)));
    let good = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let good = good.local_addr().map(|address| (good, address)).unwrap();
    let (_listener, _fill, silent) = silent();
    let mut addresses = vec![silent; 63];
    addresses.push(good.1);
    let connector = connector(&clock);
    let race = connector.race(&addresses);
    let time = async {
        loop {
            tokio::task::yield_now().await;
            clock.advance(Duration::from_millis(10));
        }
    };
    tokio::select! {
        found = race => assert_eq!(found.unwrap().1, good.1),
        () = time => unreachable!(),
    }
    assert!(
        clock.monotonic() < Duration::from_secs(10),
        "{:?}",
        clock.monotonic()
    );
}

#[tokio::test]
async fn race_goes_on_at_once_after_a_refusal() {
    let clock = Arc::new(ManualClock::new(UnixMillis(0)));
    let good = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = good.local_addr().unwrap();
    let connector = connector(&clock);
    // The clock stands still.
    let found = connector.race(&[refusing(), refusing(), address]).await;
    assert_eq!(found.unwrap().1, address);
    let failed = connector.race(&[refusing(), refusing()]).await;
    assert_eq!(failed.unwrap_err().kind(), io::ErrorKind::ConnectionRefused);
}

#[test]
fn alternating_mixes_the_families() {
    let v4 = |last| SocketAddr::from(([10, 0, 0, last], 1));
    let v6 = |last: u16| SocketAddr::from((Ipv6Addr::new(0xfd00, 0, 0, 0, 0, 0, 0, last), 1));
    let ordered = alternating(&[v6(1), v6(2), v6(3), v4(1)]);
    assert_eq!(ordered, [v6(1), v4(1), v6(2), v6(3)]);
    assert_eq!(alternating(&[v4(1), v6(1)]), [v4(1), v6(1)]);
    assert_eq!(alternating(&[]), []);
    assert!(stagger(1) == STAGGER && stagger(64) * 64 <= ALL_STARTED);
}

#[test]
fn weight_ranks_a_fault_of_the_device_above_a_refusal() {
    let v4 = SocketAddr::from(([127, 0, 0, 1], 1));
    let v6 = SocketAddr::from((Ipv6Addr::LOCALHOST, 1));
    let weigh = |code, address| weight(&io::Error::from_raw_os_error(code), address);
    assert!(weigh(libc::EMFILE, v4) > weigh(libc::ECONNREFUSED, v6));
    assert!(weigh(libc::ECONNREFUSED, v4) > weigh(libc::ENETUNREACH, v6));
    assert!(weigh(libc::ECONNREFUSED, v4) > weigh(libc::EADDRNOTAVAIL, v6));
    assert!(weigh(libc::ECONNREFUSED, v4) > weigh(libc::EACCES, v6));
    assert!(weigh(libc::EACCES, v4) > weigh(libc::ENETUNREACH, v6));
}

#[tokio::test]
async fn connect_requires_every_address_to_be_allowed() {
    let clock = Arc::new(ManualClock::new(UnixMillis(0)));
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let url = Url::parse(&format!("http://localhost:{port}/")).unwrap();
    let origin = Origin::of(&url).unwrap();
    let mut trace = Trace::default();
    let refused = connector(&clock)
        .connect(&origin, |address| !address.is_loopback(), &mut trace)
        .await;
    assert!(matches!(refused, Err(ConnectError::AddressNotAllowed)));
    assert!(trace.name.is_none());
    let made = connector(&clock)
        .connect(&origin, |address| address.is_loopback(), &mut trace)
        .await;
    assert!(made.is_ok());
    let (_, address) = trace.connection.unwrap();
    assert_eq!(address, listener.local_addr().unwrap());
}
