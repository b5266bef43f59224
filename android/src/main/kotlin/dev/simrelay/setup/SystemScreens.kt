package dev.simrelay.setup

import android.app.Activity
import android.content.ActivityNotFoundException
import android.content.Context
import android.content.Intent
import android.net.Uri
import android.provider.Settings
import android.widget.Toast
import dev.simrelay.R

/** The platform's own screens. */
object SystemScreens {
    fun appDetails(context: Context) = Intent(Settings.ACTION_APPLICATION_DETAILS_SETTINGS, self(context))

    /** A dialog that exempts this app at once. */
    fun batteryExemption(context: Context) =
        Intent(Settings.ACTION_REQUEST_IGNORE_BATTERY_OPTIMIZATIONS, self(context))

    /** Since Android 11: "Remove permissions if app is unused", later "Pause app activity". */
    fun autoReset(context: Context) = Intent(Intent.ACTION_AUTO_REVOKE_PERMISSIONS, self(context))

    fun security() = Intent(Settings.ACTION_SECURITY_SETTINGS)

    /** Not every maker has them all. */
    fun open(activity: Activity, screen: Intent) = try {
        activity.startActivity(screen)
    } catch (_: ActivityNotFoundException) {
        Toast.makeText(activity, R.string.no_settings, Toast.LENGTH_LONG).show()
    }

    private fun self(context: Context) = Uri.fromParts("package", context.packageName, null)
}
