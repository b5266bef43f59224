package dev.simrelay.receiving

import android.util.Log
import dev.simrelay.TAG
import dev.simrelay.logFailure
import java.io.IOException
import java.nio.ByteBuffer
import java.nio.channels.FileChannel
import java.nio.file.Files
import java.nio.file.NoSuchFileException
import java.nio.file.Path
import java.nio.file.StandardCopyOption.ATOMIC_MOVE
import java.nio.file.StandardOpenOption.CREATE
import java.nio.file.StandardOpenOption.READ
import java.nio.file.StandardOpenOption.TRUNCATE_EXISTING
import java.nio.file.StandardOpenOption.WRITE

/**
 * Messages that the core could not keep in time: one file each, whole or not there, named by the
 * message's key. A file goes only when the core has the message on the disk, so a kill at any moment
 * leads at worst to telling it again, which is still one message.
 */
class Spool(private val directory: Path) {
    /** Returns once the message is on the disk. */
    fun write(fact: InboundFact) {
        Files.createDirectories(directory)
        val unfinished = directory.resolve(fact.key + UNFINISHED)
        try {
            FileChannel.open(unfinished, CREATE, WRITE, TRUNCATE_EXISTING).use { file ->
                val bytes = ByteBuffer.wrap(fact.encode())
                while (bytes.hasRemaining()) file.write(bytes)
                file.force(true)
            }
            Files.move(unfinished, file(fact), ATOMIC_MOVE)
        } catch (error: IOException) {
            // On a full disk half a message would only keep the room that the next one needs.
            Files.deleteIfExists(unfinished)
            throw error
        }
        syncDirectory()
    }

    /** The core has it. */
    fun remove(fact: InboundFact) {
        Files.deleteIfExists(file(fact))
    }

    /**
     * Hands every message to [tell], the oldest first, and removes what [tell] took. A message that it
     * refuses or that makes it panic would do so again, and is set aside. What else it throws ends this; the
     * rest stays for the next time.
     */
    @Synchronized
    fun takeIn(tell: (InboundFact) -> Unit) {
        for (path in waiting()) {
            val bytes = try {
                Files.readAllBytes(path)
            } catch (_: NoSuchFileException) {
                continue
            }
            val fact = try {
                InboundFact.decode(bytes)
            } catch (error: IOException) {
                setAside(path, "a spooled message makes no sense", error)
                continue
            }
            try {
                tell(fact)
                remove(fact)
            } catch (error: IllegalArgumentException) {
                setAside(path, "a spooled message is refused", error)
            } catch (error: AssertionError) {
                setAside(path, "the core failed over a spooled message", error)
            }
        }
    }

    private fun setAside(path: Path, why: String, error: Throwable) {
        logFailure("$why and is set aside", error)
        Files.move(path, path.resolveSibling("${path.fileName}$UNREADABLE"), ATOMIC_MOVE)
    }

    /** Whether something waits here. */
    fun isEmpty(): Boolean = waiting().isEmpty()

    private fun waiting(): List<Path> {
        val names = directory.toFile().list().orEmpty().filter { it.endsWith(FINISHED) }
        return names.map(directory::resolve).sortedBy { it.toFile().lastModified() }
    }

    private fun file(fact: InboundFact): Path = directory.resolve(fact.key + FINISHED)

    /** So that the new name survives a power cut. The content is safe already where this is not possible. */
    private fun syncDirectory() {
        try {
            FileChannel.open(directory, READ).use { it.force(true) }
        } catch (error: IOException) {
            Log.w(TAG, "the spool directory cannot be synchronised", error)
        }
    }

    private companion object {
        const val FINISHED = ".fact"
        const val UNFINISHED = ".new"
        const val UNREADABLE = ".unreadable"
    }
}
