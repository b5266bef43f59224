package dev.simrelay

import android.content.Context
import android.content.SharedPreferences

/**
 * What the shell itself must remember: little, and nothing private. All else is in the core's store.
 * Every change is on the disk when its setter returns.
 */
class ShellPreferences(context: Context) {
    private val kept: SharedPreferences = context.getSharedPreferences("shell", Context.MODE_PRIVATE)

    /** The owner wants the gateway to run: it starts at boot, after an update, and with every message. */
    var wanted: Boolean
        get() = kept.getBoolean("wanted", false)
        set(value) = keep { putBoolean("wanted", value) }

    /** `Settings.Global.BOOT_COUNT` at the last boot that was seen; -1: none yet. */
    var bootCount: Int
        get() = kept.getInt("bootCount", -1)
        set(value) = keep { putInt("bootCount", value) }

    /** The permission groups that were granted once; one that is missing now has disappeared. */
    var grantedOnce: Set<String>
        get() = kept.getStringSet("grantedOnce", null).orEmpty()
        set(value) = keep { putStringSet("grantedOnce", value) }

    /** The permission groups that were asked for at least once. */
    var askedOnce: Set<String>
        get() = kept.getStringSet("askedOnce", null).orEmpty()
        set(value) = keep { putStringSet("askedOnce", value) }

    /** Every MMS up to this id of the provider was told; -1: none was looked for yet. */
    var mmsToldUpTo: Long
        get() = kept.getLong("mmsToldUpTo", -1)
        set(value) = keep { putLong("mmsToldUpTo", value) }

    /** In seconds by the wall clock: what of the provider's MMS is no younger was told; -1: unknown. */
    var mmsToldAt: Long
        get() = kept.getLong("mmsToldAt", -1)
        set(value) = keep { putLong("mmsToldAt", value) }

    private fun keep(change: SharedPreferences.Editor.() -> Unit) {
        kept.edit().apply(change).commit()
    }
}
