package dev.simrelay

import com.sun.net.httpserver.HttpExchange
import com.sun.net.httpserver.HttpServer
import com.sun.net.httpserver.HttpsConfigurator
import com.sun.net.httpserver.HttpsServer
import org.json.JSONObject
import org.junit.Assert.assertEquals
import org.junit.Assert.assertNotNull
import org.junit.Assert.assertNull
import java.net.InetSocketAddress
import java.util.concurrent.LinkedBlockingQueue
import java.util.concurrent.TimeUnit
import javax.crypto.Mac
import javax.crypto.spec.SecretKeySpec
import javax.net.ssl.SSLContext

/** A receiver of webhooks on loopback that takes only what is signed rightly. */
class Receiver(private val tls: SSLContext? = null) : AutoCloseable {
    private val arrived = LinkedBlockingQueue<JSONObject>()
    private val server = (tls?.let { secure(it) } ?: HttpServer.create()).apply {
        bind(InetSocketAddress("127.0.0.1", 0), 0)
        createContext("/", ::take)
        start()
    }

    val url get() = if (tls == null) "http://127.0.0.1:${server.address.port}/" else "https://localhost:${server.address.port}/"

    /** The next event. */
    fun next(): JSONObject {
        val event = arrived.poll(30, TimeUnit.SECONDS)
        assertNotNull("no webhook arrived in 30 s", event)
        return event!!
    }

    fun assertNothing() = assertNull(arrived.poll())

    override fun close() = server.stop(0)

    private fun take(exchange: HttpExchange) = exchange.use {
        val body = it.requestBody.readBytes()
        val timestamp = it.requestHeaders.getFirst("X-Timestamp").orEmpty()
        val genuine = signature(body + timestamp.toByteArray()) == it.requestHeaders.getFirst("X-Signature")
        if (genuine) arrived += JSONObject(String(body))
        it.sendResponseHeaders(if (genuine) 204 else 401, -1)
    }

    private fun HttpExchange.use(work: (HttpExchange) -> Unit) = try {
        work(this)
    } finally {
        close()
    }

    private fun signature(message: ByteArray): String {
        val mac = Mac.getInstance("HmacSHA256").apply { init(SecretKeySpec(KEY.toByteArray(), "HmacSHA256")) }
        return mac.doFinal(message).joinToString("") { "%02x".format(it) }
    }

    private fun secure(context: SSLContext) = HttpsServer.create().apply { httpsConfigurator = HttpsConfigurator(context) }

    companion object {
        const val KEY = "test-key"

        /** The signature of the protocol's vector, so that a fault in this receiver hides none in the core. */
        fun assertVector() = Receiver().use {
            assertEquals(
                "b4ee1c6fba111dae5b747eae692108e3f80dbce661d1d827b7af9bc8a335ea38",
                it.signature("{\"event\":\"sms:received\"}1700000000".toByteArray()),
            )
        }
    }
}
