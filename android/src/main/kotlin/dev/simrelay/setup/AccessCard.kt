package dev.simrelay.setup

import android.app.Activity
import android.content.ClipData
import android.content.ClipboardManager
import android.os.PersistableBundle
import android.widget.LinearLayout
import android.widget.Toast
import dev.simrelay.App
import dev.simrelay.R
import dev.simrelay.Status
import dev.simrelay.service

/** Where the API is, and who may in. */
class AccessCard(private val activity: Activity, private val app: App, private val redraw: () -> Unit) {
    fun draw(list: LinearLayout, status: Status?, address: String?) {
        list.heading(R.string.access)
        if (status == null) {
            list.text(app.getString(R.string.not_open))
            return
        }
        status.portProblem?.let { list.text(it, warning = true) }
        list.text("${app.getString(R.string.address)}: ${address ?: app.getString(R.string.address_none)}")
        address?.let { list.picture(QrImage.of(it), app.getString(R.string.address_qr)) }
        copyable(list, R.string.user, "user", status.user, secret = false)
        copyable(list, R.string.password, "password", status.password, secret = true)
        list.button(app.getString(R.string.change), "change") { AccessDialog(activity, app, status, redraw).show() }
    }

    private fun copyable(list: LinearLayout, label: Int, name: String, value: String, secret: Boolean) {
        list.text("${app.getString(label)}: $value")
        list.button("${app.getString(R.string.copy)}: ${app.getString(label)}", "copy-$name") {
            val clipboard = activity.service<ClipboardManager>()
            val clip = ClipData.newPlainText(app.getString(label), value)
            // Since Android 13 the platform shows what was copied, unless it is told not to.
            if (secret) clip.description.extras = PersistableBundle().apply { putBoolean(IS_SENSITIVE, true) }
            clipboard.setPrimaryClip(clip)
            Toast.makeText(activity, R.string.copied, Toast.LENGTH_SHORT).show()
        }
    }

    private companion object {
        /** `ClipDescription.EXTRA_IS_SENSITIVE`, which older versions do not know and leave alone. */
        const val IS_SENSITIVE = "android.content.extra.IS_SENSITIVE"
    }
}
