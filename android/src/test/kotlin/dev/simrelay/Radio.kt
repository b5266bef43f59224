package dev.simrelay

import android.app.PendingIntent
import android.telephony.SmsManager
import org.junit.Assert.assertNotNull
import org.junit.Assert.assertNull
import org.robolectric.annotation.Implementation
import org.robolectric.annotation.Implements
import org.robolectric.annotation.RealObject
import org.robolectric.shadows.ShadowSmsManager
import java.util.ArrayList
import java.util.concurrent.LinkedBlockingQueue
import java.util.concurrent.TimeUnit

/** The platform's SmsManager up to the call into telephony: keeps what it is given, or throws. */
@Implements(SmsManager::class)
class Radio : ShadowSmsManager() {
    /** What one call handed over. */
    class Sent(
        val subscription: Int,
        val number: String,
        val parts: List<String>,
        val data: ByteArray?,
        val port: Int,
        val sent: List<PendingIntent>,
        val reported: List<PendingIntent>?,
    ) {
        val text get() = parts.joinToString("")
    }

    @RealObject
    private lateinit var manager: SmsManager

    @Implementation
    override fun sendTextMessage(to: String, center: String?, text: String, sent: PendingIntent, reported: PendingIntent?) =
        take(to, listOf(text), null, 0, listOf(sent), reported?.let { listOf(it) })

    @Implementation
    override fun sendMultipartTextMessage(
        to: String,
        center: String?,
        parts: ArrayList<String>,
        sent: ArrayList<PendingIntent>,
        reported: ArrayList<PendingIntent>?,
    ) = take(to, parts, null, 0, sent, reported)

    @Implementation
    override fun sendDataMessage(
        to: String,
        center: String?,
        port: Short,
        data: ByteArray,
        sent: PendingIntent,
        reported: PendingIntent?,
    ) = take(to, emptyList(), data, port.toInt() and 0xFFFF, listOf(sent), reported?.let { listOf(it) })

    private fun take(
        to: String,
        parts: List<String>,
        data: ByteArray?,
        port: Int,
        sent: List<PendingIntent>,
        reported: List<PendingIntent>?,
    ) {
        failure?.let { throw it }
        taken += Sent(manager.subscriptionId, to, parts, data, port, sent, reported)
    }

    companion object {
        private val taken = LinkedBlockingQueue<Sent>()

        /** What every call throws. */
        @Volatile
        var failure: Throwable? = null

        fun forget() {
            taken.clear()
            failure = null
        }

        fun next(): Sent {
            val next = taken.poll(30, TimeUnit.SECONDS)
            assertNotNull("nothing was handed to the radio in 30 s", next)
            return next!!
        }

        fun assertNothing() = assertNull(taken.poll())
    }
}
