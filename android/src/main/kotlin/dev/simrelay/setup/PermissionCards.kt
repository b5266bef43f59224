package dev.simrelay.setup

import android.app.Activity
import android.widget.LinearLayout
import dev.simrelay.App
import dev.simrelay.Platform
import dev.simrelay.R
import dev.simrelay.device.PermissionGroup

/**
 * The permissions, one by one, each with its reason. A refusal that the system made by itself is told
 * apart from the owner's: since Android 15 it gives SMS to an app from a file only after "Allow
 * restricted settings", and offers that only after a refusal, so that asking comes first.
 */
class PermissionCards(private val activity: Activity, private val app: App) {
    fun draw(list: LinearLayout) {
        list.heading(R.string.permissions)
        PermissionGroup.values().filter { it.isAskedHere }.forEach { draw(list, it) }
    }

    /** The owner answered, or the system did for them. */
    fun answered(group: PermissionGroup) {
        app.preferences.askedOnce += group.code
        PermissionGroup.remember(app)
    }

    private fun draw(list: LinearLayout, group: PermissionGroup) {
        val title = app.getString(group.title)
        if (group.isGranted(app)) {
            list.text("$title: ${app.getString(R.string.granted)}")
            return
        }
        list.text("$title: ${app.getString(group.reason)}")
        if (group.hasDisappeared(app)) {
            list.text(app.getString(R.string.warning_permission_gone, title), warning = true)
        }
        val blocked = group.code in app.preferences.askedOnce && !mayAskAgain(group)
        if (blocked) {
            val restricted = group == PermissionGroup.SMS && Platform.isRestrictedInstall(app)
            val words = if (restricted) R.string.permission_restricted else R.string.permission_denied
            list.text(app.getString(words), warning = true)
            list.button(app.getString(R.string.open_settings), "settings-${group.code}") {
                SystemScreens.open(activity, SystemScreens.appDetails(activity))
            }
        }
        // Also when blocked: after "Allow restricted settings" it works.
        list.button("${app.getString(R.string.allow)}: $title", "allow-${group.code}") {
            activity.requestPermissions(group.permissions.toTypedArray(), group.ordinal)
        }
    }

    private fun mayAskAgain(group: PermissionGroup): Boolean =
        group.permissions.any { activity.shouldShowRequestPermissionRationale(it) }
}
