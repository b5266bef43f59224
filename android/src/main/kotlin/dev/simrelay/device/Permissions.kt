package dev.simrelay.device

import android.Manifest.permission.POST_NOTIFICATIONS
import android.Manifest.permission.READ_PHONE_NUMBERS
import android.Manifest.permission.READ_PHONE_STATE
import android.Manifest.permission.READ_SMS
import android.Manifest.permission.RECEIVE_MMS
import android.Manifest.permission.RECEIVE_SMS
import android.Manifest.permission.SEND_SMS
import android.content.pm.PackageManager.PERMISSION_GRANTED
import android.os.Build
import dev.simrelay.App
import dev.simrelay.R

/** What the owner is asked for, one dialog each, most important first. */
enum class PermissionGroup(
    /** In health (`shell:permission-<code>`) and in the shell's memory. */
    val code: String,
    val permissions: List<String>,
    val title: Int,
    val reason: Int,
    val missing: Int,
    private val since: Int = Build.VERSION_CODES.O,
) {
    SMS(
        "sms",
        listOf(RECEIVE_SMS, RECEIVE_MMS, READ_SMS, SEND_SMS),
        R.string.permission_sms,
        R.string.permission_sms_reason,
        R.string.permission_sms_missing,
    ),
    PHONE(
        "phone",
        listOf(READ_PHONE_STATE, READ_PHONE_NUMBERS),
        R.string.permission_phone,
        R.string.permission_phone_reason,
        R.string.permission_phone_missing,
    ),
    NOTIFICATIONS(
        "notifications",
        listOf(POST_NOTIFICATIONS),
        R.string.permission_notifications,
        R.string.permission_notifications_reason,
        R.string.permission_notifications_missing,
        since = Build.VERSION_CODES.TIRAMISU,
    );

    /** Older versions grant it without asking. */
    val isAskedHere get() = Build.VERSION.SDK_INT >= since

    fun isGranted(app: App): Boolean =
        !isAskedHere || permissions.all { app.checkSelfPermission(it) == PERMISSION_GRANTED }

    /** Was granted once, and is not any more. */
    fun hasDisappeared(app: App): Boolean = !isGranted(app) && code in app.preferences.grantedOnce

    companion object {
        /** Remembers what is granted, so that its disappearing is noticed. */
        fun remember(app: App) {
            val known = app.preferences.grantedOnce
            val now = known + values().filter { it.isAskedHere && it.isGranted(app) }.map { it.code }
            if (now != known) app.preferences.grantedOnce = now
        }
    }
}
