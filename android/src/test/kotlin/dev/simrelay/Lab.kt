package dev.simrelay

import android.app.Notification
import android.app.NotificationManager
import android.content.BroadcastReceiver
import android.content.Context
import android.content.Intent
import android.net.ConnectivityManager
import android.net.Network
import android.net.NetworkCapabilities
import android.os.Looper
import android.provider.Telephony.Sms.Intents
import dev.simrelay.running.GatewayService
import dev.simrelay.running.Notifications
import org.json.JSONObject
import org.junit.Assert.assertTrue
import org.robolectric.Robolectric
import org.robolectric.RuntimeEnvironment
import org.robolectric.Shadows.shadowOf
import org.robolectric.android.controller.ServiceController
import org.robolectric.shadows.ShadowNetworkCapabilities
import org.robolectric.shadows.ShadowSystemClock
import java.net.InetAddress
import java.net.ServerSocket
import java.net.URI
import java.net.http.HttpClient
import java.net.http.HttpRequest
import java.net.http.HttpResponse
import java.nio.file.Files
import java.time.Duration
import java.util.Base64
import java.util.concurrent.atomic.AtomicBoolean
import java.util.concurrent.locks.LockSupport
import java.util.zip.GZIPInputStream

/** The phone of a test: the real app in Robolectric, with the real library, and what a test does to it. */
class Lab {
    val app = RuntimeEnvironment.getApplication() as App
    private var service: ServiceController<GatewayService>? = null
    private var port = 0

    /** As telephony sends an SMS; returns when every receiver has finished. */
    fun sms(pdus: List<ByteArray>, extras: Intent.() -> Unit = {}) = broadcast(
        Intent(Intents.SMS_RECEIVED_ACTION).putExtra("pdus", pdus.toTypedArray()).putExtra("format", "3gpp").apply(extras),
    )

    /**
     * To every receiver that the manifest declares for it. Robolectric knows only the actions of their
     * filters, so that the package manager is asked for those that take its data too.
     */
    fun broadcast(intent: Intent) {
        val receivers = app.packageManager.queryBroadcastReceivers(intent, 0).map { it.activityInfo }
        assertTrue("nobody takes ${intent.action} ${intent.dataString} ${intent.type}", receivers.isNotEmpty())
        for (receiver in receivers) deliver(Intent(intent).setClassName(app, receiver.name))
    }

    /** To the receiver that it names, with that result code; returns when it has finished. */
    fun deliver(intent: Intent, code: Int = 0) {
        val finished = AtomicBoolean()
        val last = object : BroadcastReceiver() {
            override fun onReceive(context: Context, intent: Intent) = finished.set(true)
        }
        app.sendOrderedBroadcast(intent, null, last, null, code, null, null)
        eventually("every receiver finishes") { finished.get() }
    }

    /** Before anything is opened: the gateway was first started on 14 November 2023, by a version of schema 3. */
    fun firstStartedIn2023() {
        val kept = checkNotNull(Lab::class.java.getResourceAsStream("store/version-3.db.gz.base64"))
        val database = app.filesDir.toPath().resolve("gateway/simrelay.db")
        Files.createDirectories(database.parent)
        GZIPInputStream(Base64.getMimeDecoder().wrap(kept)).use { Files.copy(it, database) }
    }

    /** What the platform does with a start that the app asked for. */
    fun runService(intent: Intent? = GatewayService.start(app)): ServiceController<GatewayService> {
        val running = service ?: Robolectric.buildService(GatewayService::class.java).create().also { service = it }
        running.withIntent(intent).startCommand(0, 1)
        settle()
        return running
    }

    /** The owner wants the gateway, and it runs, on a port that is free. */
    fun start() {
        app.core.open(mayMigrate = true)
        port = freePort()
        NativeBridge.setAccess("""{"port":$port}""")
        app.preferences.wanted = true
        runService()
        eventually("the API listens") { app.core.status()?.serving == true }
    }

    fun stopService() {
        service?.destroy()
        service = null
        settle()
    }

    /** The text of the notification about a problem; null if there is none. */
    fun problem(): String? = text(Notifications.PROBLEM)

    /** The text of the service's notification. */
    fun state(): String? = text(Notifications.GATEWAY)

    private fun text(id: Int): String? =
        shadowOf(app.service<NotificationManager>()).getNotification(id)?.extras?.getString(Notification.EXTRA_TEXT)

    /** Registers a webhook over the API, as an owner would. */
    fun webhook(event: String, receiver: Receiver) {
        val settings = JSONObject().put("signing_key", Receiver.KEY)
        call("PATCH", "/settings", JSONObject().put("webhooks", settings), 200)
        call("POST", "/webhooks", JSONObject().put("url", receiver.url).put("event", event), 201)
    }

    fun call(method: String, path: String, body: JSONObject?, status: Int): String =
        answer(method, path, body, status).body()

    /** How many a list has in all. */
    fun total(path: String): String = answer("GET", path, null, 200).headers().firstValue("X-Total-Count").get()

    private fun answer(method: String, path: String, body: JSONObject?, status: Int): HttpResponse<String> {
        val access = app.core.status()!!
        val basic = Base64.getEncoder().encodeToString("${access.user}:${access.password}".toByteArray())
        // HttpURLConnection knows no PATCH.
        val request = HttpRequest.newBuilder(URI("http://127.0.0.1:${access.port}$path"))
            .header("Authorization", "Basic $basic").header("Content-Type", "application/json")
            .method(method, HttpRequest.BodyPublishers.ofString(body?.toString().orEmpty())).build()
        val answer = HttpClient.newHttpClient()
            .send(request, HttpResponse.BodyHandlers.ofString())
        assertTrue("$method $path: ${answer.statusCode()} ${answer.body()}", answer.statusCode() == status)
        return answer
    }

    /** Validated internet by Wi-Fi, or a network without; told to who listens. */
    fun network(validated: Boolean) {
        val (network, capabilities) = connect(validated)
        shadowOf(app.service<ConnectivityManager>()).networkCallbacks
            .forEach { it.onCapabilitiesChanged(network, capabilities) }
        settle()
    }

    /** Validated internet by Wi-Fi, for whoever looks. */
    fun online() = connect(validated = true)

    private fun connect(validated: Boolean): Pair<Network, NetworkCapabilities> {
        val connectivity = app.service<ConnectivityManager>()
        val capabilities = ShadowNetworkCapabilities.newInstance()
        shadowOf(capabilities).addTransportType(NetworkCapabilities.TRANSPORT_WIFI)
        shadowOf(capabilities).addCapability(NetworkCapabilities.NET_CAPABILITY_INTERNET)
        if (validated) shadowOf(capabilities).addCapability(NetworkCapabilities.NET_CAPABILITY_VALIDATED)
        val network = connectivity.activeNetwork!!
        shadowOf(connectivity).setNetworkCapabilities(network, capabilities)
        return network to capabilities
    }

    fun blocked(blocked: Boolean) {
        val connectivity = app.service<ConnectivityManager>()
        shadowOf(connectivity).networkCallbacks.forEach { it.onBlockedStatusChanged(connectivity.activeNetwork!!, blocked) }
        settle()
    }

    fun health(): JSONObject = JSONObject(NativeBridge.status()).getJSONObject("health").getJSONObject("checks")

    /** Time passes on the phone's clock. */
    fun sleep(millis: Long) = ShadowSystemClock.advanceBy(Duration.ofMillis(millis))

    /** All that was asked of the shell's threads so far is done. */
    fun settle() {
        repeat(2) {
            shadowOf(Looper.getMainLooper()).idle()
            app.workers.control.submit {}.get()
        }
        shadowOf(Looper.getMainLooper()).idle()
    }

    /** Waits for what other threads do, and lets the main thread do its part. */
    fun eventually(what: String, condition: () -> Boolean) {
        val end = System.nanoTime() + 30_000_000_000
        while (!condition()) {
            assertTrue("waited 30 s in vain: $what", System.nanoTime() < end)
            shadowOf(Looper.getMainLooper()).idle()
            // The other threads need the processor more.
            LockSupport.parkNanos(200_000)
        }
    }

    /** Ends the service and the core; the library outlives the test. */
    fun close() {
        service?.destroy()
        settle()
        app.core.stop()
    }

    private fun freePort() = ServerSocket(0, 1, InetAddress.getByName("127.0.0.1")).use { it.localPort }
}
