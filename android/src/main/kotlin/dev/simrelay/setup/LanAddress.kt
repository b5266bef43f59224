package dev.simrelay.setup

import java.net.Inet4Address
import java.net.InetAddress
import java.net.NetworkInterface
import java.net.SocketException

/** Where others in the local network find the API. */
object LanAddress {
    /** `http://192.168.1.20:8080`; null if the phone is in no local network. */
    fun url(port: Int): String? {
        val address = addresses().minByOrNull { (link, address) -> rank(link, address) }?.second ?: return null
        return if (address is Inet4Address) "http://${address.hostAddress}:$port"
        else "http://[${address.hostAddress?.substringBefore('%')}]:$port"
    }

    private fun addresses(): List<Pair<String, InetAddress>> = try {
        NetworkInterface.getNetworkInterfaces()?.toList().orEmpty()
            .filter { it.isUp && !it.isLoopback && !it.isPointToPoint }
            .filter { link -> MOBILE.none { link.name.startsWith(it) } }
            .flatMap { link -> link.inetAddresses.toList().map { link.name to it } }
            .filter { (_, address) -> !address.isLoopbackAddress && !address.isLinkLocalAddress }
    } catch (_: SocketException) {
        emptyList()
    }

    /** What people can type first: IPv4, by Wi-Fi or a cable. */
    private fun rank(link: String, address: InetAddress): Int {
        val family = if (address is Inet4Address) 0 else 4
        val kind = if (LOCAL.any { link.startsWith(it) }) 0 else 1
        return family + kind
    }

    private val LOCAL = listOf("wlan", "eth", "ap", "swlan")
    private val MOBILE = listOf("rmnet", "ccmni", "pdp", "v4-", "clat", "dummy", "tun", "ppp")
}
