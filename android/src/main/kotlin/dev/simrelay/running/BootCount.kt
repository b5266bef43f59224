package dev.simrelay.running

import android.provider.Settings
import dev.simrelay.App

/**
 * Whether the phone really booted. Since Android 15 an app that was force-stopped gets BOOT_COMPLETED
 * again when the owner opens it: then its alarms and jobs are gone, but the phone, its radio and what
 * it was told are as before.
 */
enum class BootCount(val words: String) {
    NEW("the phone booted"),
    REPEATED("the app was force-stopped and is back; the phone did not boot");

    companion object {
        /** Compares the platform's count with the one seen last, and keeps it. */
        fun take(app: App): BootCount {
            val count = now(app) ?: -1
            if (count >= 0 && count == app.preferences.bootCount) return REPEATED
            app.preferences.bootCount = count
            return NEW
        }

        /** How often the phone booted so far; null if it does not say. */
        fun now(app: App): Int? =
            Settings.Global.getInt(app.contentResolver, Settings.Global.BOOT_COUNT, -1).takeIf { it >= 0 }
    }
}
