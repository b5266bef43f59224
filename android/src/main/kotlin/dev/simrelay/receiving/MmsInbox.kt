package dev.simrelay.receiving

import android.Manifest.permission.READ_SMS
import android.content.pm.PackageManager.PERMISSION_GRANTED
import android.os.SystemClock
import dev.simrelay.App
import dev.simrelay.NativeBridge
import dev.simrelay.logFailure

/**
 * Which downloaded MMS were told, and which are to be told. What the phone held before the first look
 * is history and is not told. A kill between telling and remembering tells a message again, under
 * the same key, which is still one message.
 */
class MmsInbox(private val app: App) {
    private val reader = MmsReader(app.contentResolver, SystemClock::elapsedRealtime)
    private val told = HashSet<Long>()

    /** Tells what is whole by now. Answers after how many milliseconds to look again; null: when something changes. */
    @Synchronized
    fun tellWhole(): Long? {
        if (app.checkSelfPermission(READ_SMS) != PERMISSION_GRANTED) return null
        val now = System.currentTimeMillis() / 1_000
        val upTo = mark() ?: return null
        var complete = upTo
        var unfinished = false
        for ((id, read) in reader.beyond(upTo)) {
            if (id !in told) {
                val message = read()
                if (message == null) unfinished = true else tell(id, message)
            }
            if (!unfinished) complete = id
        }
        if (complete > upTo) app.preferences.mmsToldUpTo = complete
        // Only when the mark moves: nothing was told since then, and a write waits for the disk.
        if (!unfinished && (complete > upTo || app.preferences.mmsToldAt < 0)) app.preferences.mmsToldAt = now
        told.removeAll { it <= complete }
        return if (unfinished) LOOK_AGAIN_MILLIS else null
    }

    /**
     * The id up to which all were told; null if the provider does not answer. Where its newest is below that,
     * the phone's messages were deleted, or cleared and restored, and ids begin again: then the time tells.
     */
    private fun mark(): Long? {
        val newest = reader.newest() ?: return null
        val upTo = app.preferences.mmsToldUpTo
        if (newest >= upTo && upTo >= 0) return upTo
        val toldAt = app.preferences.mmsToldAt
        val mark = if (upTo < 0 || toldAt < 0) newest else reader.newest(toldAt) ?: return null
        app.preferences.mmsToldUpTo = mark
        told.clear()
        return mark
    }

    /** A notification came, so the content will. Without the service nobody watches for it but a job. */
    fun expect() {
        if (!app.starter.running && app.preferences.wanted) app.jobs.awaitMms()
    }

    private fun tell(id: Long, message: MmsMessage) {
        val sim = app.device.sims.numberOf(message.subscription)
        val data = message.attachments.map { it.data }.toTypedArray()
        try {
            NativeBridge.mmsDownloaded(message.json(sim).toString(), data, message.key)
        } catch (error: IllegalArgumentException) {
            // Trying again would only end the same way, and would keep back those behind it.
            logFailure("the core refused an MMS", error)
        } catch (error: AssertionError) {
            logFailure("the core failed over an MMS", error)
        }
        told += id
    }

    private companion object {
        const val LOOK_AGAIN_MILLIS = MmsReader.SETTLED_MILLIS + 500
    }
}
