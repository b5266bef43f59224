package dev.simrelay.receiving

import android.util.Log
import dev.simrelay.App
import dev.simrelay.TAG

/**
 * Has the core look for messages that no broadcast told of, and gets what it found delivered. The core
 * looks by itself whenever it is started; the rest of the times are ours.
 */
class InboxScan(private val app: App) {
    /** Whether the messages could be read when it was last looked at; null: not yet. */
    private var readable: Boolean? = null

    /** Waits for the phone's store and the disk. What cannot be read now is read another time. */
    fun look() {
        try {
            if (app.core.reconcile() > 0) app.starter.start()
        } catch (error: IllegalStateException) {
            Log.w(TAG, "no look at the phone's messages: ${error.message}")
        }
    }

    /** The owner may have granted or taken the permission. Only what comes after a grant is an event. */
    @Synchronized
    fun permissionMayHaveChanged() {
        val now = app.smsInbox.isReadable
        if (now == readable) return
        readable = now
        if (app.core.isOpen) look()
    }
}
