package dev.simrelay.receiving

import android.Manifest.permission.READ_SMS
import android.content.pm.PackageManager.PERMISSION_GRANTED
import android.os.SystemClock
import android.util.Log
import dev.simrelay.App
import dev.simrelay.NativeBridge
import dev.simrelay.TAG

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
        if (app.memory.mmsToldUpTo < 0) app.memory.mmsToldUpTo = reader.newest()
        val upTo = app.memory.mmsToldUpTo
        var complete = upTo
        var unfinished = false
        for ((id, read) in reader.beyond(upTo)) {
            if (id !in told) {
                val message = read()
                if (message == null) unfinished = true else tell(id, message)
            }
            if (!unfinished) complete = id
        }
        if (complete > upTo) app.memory.mmsToldUpTo = complete
        told.removeAll { it <= complete }
        return if (unfinished) LOOK_AGAIN_MILLIS else null
    }

    /** A notification came, so the content will. Without the service nobody watches for it but a job. */
    fun expect() {
        if (!app.starter.running && app.memory.wanted) app.jobs.awaitMms()
    }

    private fun tell(id: Long, message: MmsMessage) {
        val sim = app.device.sims.numberOf(message.subscription)
        val data = message.attachments.map { it.data }.toTypedArray()
        try {
            NativeBridge.mmsDownloaded(message.json(sim).toString(), data, message.key)
        } catch (error: IllegalArgumentException) {
            // Trying again would only end the same way, and would keep back those behind it.
            Log.e(TAG, "the core refused an MMS", error)
        }
        told += id
    }

    private companion object {
        const val LOOK_AGAIN_MILLIS = MmsReader.SETTLED_MILLIS + 500
    }
}
