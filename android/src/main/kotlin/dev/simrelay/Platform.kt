package dev.simrelay

import android.app.ActivityManager
import android.app.AlarmManager
import android.app.Notification
import android.app.PendingIntent
import android.app.Service
import android.app.job.JobInfo
import android.content.BroadcastReceiver
import android.content.Context
import android.content.Intent
import android.content.IntentFilter
import android.content.pm.PackageInstaller
import android.content.pm.PackageManager
import android.content.pm.ServiceInfo
import android.os.Build
import android.telephony.SmsManager
import android.telephony.SubscriptionInfo
import android.telephony.SubscriptionManager

/**
 * Everything that Android 8 (API 26) does not have, in one place: each function says what older
 * versions get instead. A test lets no other class call anything newer than API 26.
 */
object Platform {
    /** API 29: the type must be named; before, the manifest's holds. */
    fun startForeground(service: Service, id: Int, notification: Notification) {
        if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.UPSIDE_DOWN_CAKE) {
            service.startForeground(id, notification, ServiceInfo.FOREGROUND_SERVICE_TYPE_REMOTE_MESSAGING)
        } else {
            service.startForeground(id, notification)
        }
    }

    /** API 31: exact alarms need a permission or the battery exemption; before, everybody may. */
    fun canScheduleExactAlarms(alarms: AlarmManager): Boolean =
        Build.VERSION.SDK_INT < Build.VERSION_CODES.S || alarms.canScheduleExactAlarms()

    /** API 31: runs at once, also while others wait; before, there is no such thing (null). */
    fun expedited(job: JobInfo.Builder): JobInfo.Builder? =
        if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.S) job.setExpedited(true) else null

    /** API 30: permissions of apps that nobody opens are taken away; before, they stay. */
    fun keepsPermissionsWhenUnused(context: Context): Boolean =
        Build.VERSION.SDK_INT < Build.VERSION_CODES.R || context.packageManager.isAutoRevokeWhitelisted

    /** API 28: the owner can forbid all work in the background. */
    fun isBackgroundRestricted(context: Context): Boolean =
        Build.VERSION.SDK_INT >= Build.VERSION_CODES.P &&
            context.service<ActivityManager>().isBackgroundRestricted

    /**
     * API 35: what was installed from a file gets no SMS permission until the owner says "Allow
     * restricted settings". (API 33 and 34 restrict accessibility and the reading of notifications
     * alone.) Whether the owner has said so no app may read, so this is the ground on which the
     * system restricts: where the app came from.
     */
    fun isRestrictedInstall(context: Context): Boolean {
        if (Build.VERSION.SDK_INT < Build.VERSION_CODES.VANILLA_ICE_CREAM) return false
        val source = try {
            context.packageManager.getInstallSourceInfo(context.packageName).packageSource
        } catch (_: PackageManager.NameNotFoundException) {
            return false
        }
        return source == PackageInstaller.PACKAGE_SOURCE_LOCAL_FILE ||
            source == PackageInstaller.PACKAGE_SOURCE_DOWNLOADED_FILE
    }

    /** API 33: the number that the operator or the owner told; before, what the SIM holds. */
    @Suppress("DEPRECATION")
    fun phoneNumber(subscriptions: SubscriptionManager, sim: SubscriptionInfo): String? =
        if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.TIRAMISU) {
            subscriptions.getPhoneNumber(sim.subscriptionId)
        } else {
            sim.number
        }

    /** API 31: must be said; before, every pending intent is. */
    val FLAG_MUTABLE = if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.S) PendingIntent.FLAG_MUTABLE else 0

    /** API 31: what sends by that SIM belongs to a context; before, it belongs to the process. */
    @Suppress("DEPRECATION")
    fun smsManager(context: Context, subscription: Int): SmsManager =
        if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.S) {
            context.service<SmsManager>().createForSubscriptionId(subscription)
        } else {
            SmsManager.getSmsManagerForSubscriptionId(subscription)
        }

    /** API 33: says that only the system may send it. */
    fun registerForSystemBroadcasts(context: Context, receiver: BroadcastReceiver, filter: IntentFilter): Intent? =
        if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.TIRAMISU) {
            context.registerReceiver(receiver, filter, Context.RECEIVER_NOT_EXPORTED)
        } else {
            context.registerReceiver(receiver, filter)
        }
}
